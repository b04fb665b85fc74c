# syntax=docker/dockerfile:1
# One image for every process of Plumbline: docker run plumbline collector | analyzer | console | migrate | up …
FROM node:24.21.0-slim AS build
WORKDIR /srv/plumbline
COPY . .
# `prepare` compiles the packages; the second run keeps only what they need to run, and runs no install scripts. Left out:
# ClickHouse in process (543 MB; a server takes its place) and further copies of Node, which the image is.
RUN npm ci --no-audit --no-fund \
  && npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/chdb node_modules/@chdb node_modules/node-bin-* node_modules/node-linux-*

FROM node:24.21.0-slim
ENV NODE_ENV=production PLUMBLINE_DATA_DIR=/var/lib/plumbline
WORKDIR /srv/plumbline
COPY --from=build /srv/plumbline/package.json /srv/plumbline/LICENSE /srv/plumbline/deploy/healthcheck.js ./
COPY --from=build /srv/plumbline/node_modules node_modules
COPY --from=build /srv/plumbline/packages packages
RUN ln -s /srv/plumbline/packages/cli/bin/plumbline.js /usr/local/bin/plumbline \
  && install -d -o node -g node /var/lib/plumbline
VOLUME /var/lib/plumbline
USER node
# OTLP over gRPC and HTTP with the control gateway; operator API; health of an analyzer.
EXPOSE 4317 4318 4320 4321
ENTRYPOINT ["plumbline"]
CMD ["up"]
