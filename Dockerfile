# A small image with the command provisioner, without the sandbox:
#   docker build --tag provisioner .
#   docker run --rm --user "$(id -u)" --volume "$PWD:/project" provisioner validate
# The user is the owner of the project: git reads no repository of another one.
FROM python:3.11-slim AS build

WORKDIR /source
COPY requirements.txt ./
RUN python -m venv /opt/provisioner && \
    /opt/provisioner/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY . .
RUN /opt/provisioner/bin/pip install --no-cache-dir --no-deps --no-build-isolation . && \
    /opt/provisioner/bin/python -m compileall -q /opt/provisioner


FROM python:3.11-slim

# git is for --base and for the commits in plans, tzdata for working hours in the account's zone.
# Their versions are those of the base image's Debian.
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install --yes --no-install-recommends git tzdata && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --create-home --uid 1000 provisioner

COPY --from=build /opt/provisioner /opt/provisioner
ENV PATH=/opt/provisioner/bin:$PATH

USER 1000
WORKDIR /project
ENTRYPOINT ["provisioner"]
