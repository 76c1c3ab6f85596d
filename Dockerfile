# One image for web, worker, beat and migrations. Each step is a line of docs/operations.md as well.
FROM debian:bookworm-slim
ENV PYTHONUTF8=1 PYTHONDONTWRITEBYTECODE=1 APP_ENV=production
RUN apt-get update
RUN apt-get install --no-install-recommends --yes ca-certificates python3 python3-venv
RUN useradd --system --uid 910 --home-dir /srv/aeghash --shell /usr/sbin/nologin aeghash
WORKDIR /srv/aeghash
COPY requirements requirements
RUN python3 requirements/install.py base
COPY . .
RUN install --directory --owner aeghash staticfiles
USER aeghash
EXPOSE 8000
CMD ["deploy/web"]
