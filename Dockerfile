# One image with all programs, so that a node pulls it once. Docker, Podman and Buildah build it:
#
#   docker build --tag ghcr.io/remanence-dev/remanence:0.1.0 .
#
# TOOLCHAIN  compiles. Its glibc must not be newer than that of BASE.
# BASE       has glibc, libgcc and CA certificates; nothing else is needed.
# PROGRAMS   compiled, or prebuilt: taken from bin/ of the context, as `cargo xtask image` does.
ARG TOOLCHAIN=docker.io/library/rust:1.95-bookworm
ARG BASE=gcr.io/distroless/cc-debian12:nonroot
ARG PROGRAMS=compiled

FROM ${TOOLCHAIN} AS compiled
WORKDIR /source
COPY . .
# Everything these packages have to run, by whatever name.
RUN cargo build --release --locked --bins --package remanence --package remanence-operator \
        --package remanence-node --package remanence-sidecar --package remanence-dreamer \
    && mkdir /programs \
    && find target/release -maxdepth 1 -type f -executable -name 'remanence*' -exec cp --target-directory /programs {} + \
    && strip /programs/* \
    && ln -s remanence /programs/kubectl-memory \
    && ln -s remanence /programs/kubectl_complete-memory

FROM scratch AS prebuilt
COPY bin/ /programs/

FROM ${PROGRAMS} AS programs

FROM ${BASE}
LABEL org.opencontainers.image.title="Remanence" \
      org.opencontainers.image.description="Memory that outlives the pod; a folder that agents share" \
      org.opencontainers.image.source="https://github.com/remanence-dev/remanence" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=programs /programs/ /usr/local/bin/
USER 65534:65534
ENTRYPOINT ["/usr/local/bin/remanence"]
