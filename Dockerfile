# One image for both processes; docker-compose.yml says which one a container runs.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p server -p worker -p cli

FROM debian:bookworm-slim
RUN useradd --system --home /var/lib/analyze --create-home analyze && mkdir /data && chown analyze /data
COPY --from=build /src/target/release/analyze-server /src/target/release/analyze-worker /src/target/release/analyze /usr/local/bin/
USER analyze
VOLUME /data
ENV DATABASE_URL=sqlite:///data/analyze.db
EXPOSE 8000
CMD ["analyze-server"]
