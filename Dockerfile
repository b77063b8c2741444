# The programs, their models and mappings, on Debian.
#
#	docker build -t aqi .
#	docker run --rm -i aqi aqi-predict <records.csv
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    make pkg-config zlib1g-dev liblzma-dev libzstd-dev
WORKDIR /src
COPY . .
RUN make deps && make -j"$(nproc)" && make install PREFIX=/usr DESTDIR=/out

FROM debian:bookworm-slim
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
    libcsv3 libjansson4 zlib1g liblzma5 libzstd1 && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /out/usr/bin /usr/bin
COPY --from=build /out/usr/share/aqi /usr/share/aqi
WORKDIR /data
USER nobody
CMD ["aqi-predict", "--help"]
