# Built here, without a compiler: every requirement comes as a ready-made, hash-checked wheel.
FROM python:3.11-slim-bookworm AS built
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt /tmp/
RUN pip --python /opt/venv/bin/python install --no-cache-dir --no-input --only-binary :all: \
        --require-hashes -r /tmp/requirements.txt

# Shipped: Python, the wheels and our files. Nothing here is written to but DATA_DIR and /tmp.
FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FLASK_APP=server \
    ENVIRONMENT=production \
    HOST=0.0.0.0 \
    DATA_DIR=/var/lib/support-now
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent support-now \
    && install -d -o support-now -g support-now "$DATA_DIR"
COPY --from=built /opt/venv /opt/venv
WORKDIR /srv/support-now
COPY . .
# PYTHONDONTWRITEBYTECODE keeps later runs from trying; the first start should not pay for it either.
RUN PYTHONDONTWRITEBYTECODE= python -m compileall -q /opt/venv/lib .
USER 10001
VOLUME /var/lib/support-now
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/healthz', timeout=2)"]
CMD ["flask", "serve"]
