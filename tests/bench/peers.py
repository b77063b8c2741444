"""What the benchmarks over HTTP share: a core each, nginx, a record."""
import os
import shutil
import socket

RECORD = ('{"pm25":35.5,"pm10":50.2,"no2":25.3,"so2":8.1,"co":0.6,"o3":45.7,'
          '"temperature":22.5,"humidity":65.0,"wind_speed":3.2,'
          '"pressure":1013.25,"hour":14,"day_of_week":2,"month":6}')
ANSWER = ('{"aqi":70.9,"category":"Moderate","confidence":0.85,'
          '"processing_time_ms":0.01}')
NGINX = """
daemon off; master_process off; worker_processes 1;
pid FOLDER/pid; error_log FOLDER/error;
events { worker_connections 4096; }
http {
	access_log off; keepalive_requests 1000000000;
	client_body_temp_path FOLDER/1; proxy_temp_path FOLDER/2;
	fastcgi_temp_path FOLDER/3; uwsgi_temp_path FOLDER/4;
	scgi_temp_path FOLDER/5;
	server {
		listen 127.0.0.1:PORT;
		location / {
			default_type application/json;
			return 200 'ANSWER';
		}
	}
}
"""


def pinned(core, command):
    if shutil.which("taskset") and (os.cpu_count() or 1) > 1:
        return ["taskset", "-c", str(core), *command]
    return command


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def nginx(folder, port):
    """The command of an nginx that answers each request with ANSWER."""
    path = os.path.join(folder, "nginx.conf")
    with open(path, "w") as conf:
        conf.write(NGINX.replace("FOLDER", folder).replace("PORT", str(port))
                   .replace("ANSWER", ANSWER))
    return ["nginx", "-c", path]
