# The prediction service, and all programs beside it, on Debian.
#
#	docker build -t aqi .
#	docker run -p 8000:8000 aqi
#	docker run --rm -i aqi aqi-predict <records.csv
#
# The service speaks plain HTTP, for whoever stands before it: an ingress, a
# proxy that ends TLS. A model of your own goes to /data, with
# -e MODEL_PATH=/data/NAME.
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    libssl-dev liblzma-dev libzstd-dev make pkg-config zlib1g-dev
WORKDIR /src
COPY . .
RUN make deps && make -j"$(nproc)" && make install PREFIX=/usr DESTDIR=/out

FROM debian:bookworm-slim
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
    libcsv3 libjansson4 liblzma5 libssl3 libzstd1 zlib1g && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --uid 1000 --user-group --no-create-home \
    --shell /usr/sbin/nologin aqi
COPY --from=build /out/usr/bin /usr/bin
COPY --from=build /out/usr/share/aqi /usr/share/aqi
WORKDIR /data
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 \
    CMD ["aqi-loadgen", "--target", "http://127.0.0.1:8000/health", "-n", "1"]
CMD ["aqi-serve", "--listen", "0.0.0.0:8000", "--allow-plain"]
