# The broker and the KMS's authorizer as container images.
#
#   docker build -t broker --build-arg SOURCE_REVISION="$(git rev-parse HEAD)" .
#   docker build -t broker-kms-authorizer --target kms-authorizer .
#   docker run --network host --read-only --tmpfs /tmp --cap-drop ALL --volume broker-state:/var/lib/agentkeys \
#     --env-file broker.env broker
#
# scripts/compose/ has it with nginx, and for a confidential VM.
#
# Both listen on loopback, where a TLS proxy of the same host or pod reaches them; the broker believes X-Forwarded-For
# from there only. BROKER_BIND=0.0.0.0 opens it up, and then every client counts as the proxy in its rate limits.
#
# Nothing secret is built in: settings come by environment, keys from the volume (`docker run … broker keygen`).

# The distribution that the tests run on. Microsoft ships no Debian image with .NET 10, so the runtime, which is the
# same for every glibc, is taken from theirs.
#
# A build that has to give the same bytes again names these three by digest, as the registry says them that day:
#   --build-arg SDK_IMAGE=mcr.microsoft.com/dotnet/sdk@sha256:… and the like.
ARG DEBIAN_IMAGE=debian:bookworm-slim
ARG ASPNET_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0

FROM ${ASPNET_IMAGE} AS dotnet

FROM ${SDK_IMAGE} AS build
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
COPY src src
# The commit that the KMS names to its clients; there is no .git in here to find it in.
ARG SOURCE_REVISION=
# Packages are those of the lock files, and the cache keeps them: a second build needs no network for them.
RUN --mount=type=cache,target=/root/.nuget/packages \
    platform=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/') \
    && publish() { \
      project=$1; shift; \
      dotnet publish "src/$project" "$@" -c Release -p:RestoreLockedMode=true -p:UseAppHost=false \
        -p:ContinuousIntegrationBuild=true -p:DebugType=none -p:PublishDocumentationFile=false \
        -p:PublishDocumentationFiles=false -p:SourceRevisionId="$SOURCE_REVISION" -o "/out/$project"; \
    } \
    && publish Broker -r "$platform" \
    && publish Broker.KmsAuthorizer

FROM ${DEBIAN_IMAGE} AS runtime
# What .NET loads. libsodium, libsecp256k1 and SQLite come with their packages.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
      ca-certificates libc6 libgcc-s1 libssl3 libstdc++6 tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 agentkeys \
    && useradd --system --uid 10001 --gid agentkeys --home-dir /var/lib/agentkeys --shell /usr/sbin/nologin agentkeys \
    && install -d -o agentkeys -g agentkeys -m 700 /var/lib/agentkeys
COPY --from=dotnet /usr/share/dotnet /usr/share/dotnet
COPY --chmod=755 scripts/container-health.sh /usr/local/bin/container-health
ENV DOTNET_ROOT=/usr/share/dotnet DOTNET_EnableDiagnostics=0 DOTNET_gcServer=0
USER 10001:10001

FROM runtime AS kms-authorizer
COPY --from=build /out/Broker.KmsAuthorizer /app
WORKDIR /etc/kms
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["container-health", "authorizer"]
ENTRYPOINT ["/usr/share/dotnet/dotnet", "/app/Broker.KmsAuthorizer.dll"]

# The last stage is what a plain `docker build` makes.
FROM runtime AS broker
COPY --from=build /out/Broker /app
WORKDIR /var/lib/agentkeys
ENV HOME=/var/lib/agentkeys BROKER_DATA_DIR=/var/lib/agentkeys
VOLUME /var/lib/agentkeys
# 8091: the broker. 8000: the KMS, where BROKER_MODULES names it.
EXPOSE 8091 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["container-health"]
ENTRYPOINT ["/usr/share/dotnet/dotnet", "/app/Broker.dll"]
