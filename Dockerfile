# The image for all commands of bin/weir: `api` (the default), `worker` and the others. .dockerignore says which files are
# copied. The base image has Node 24, so the pinned Node (an optional package) is not installed.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY . .
USER node
EXPOSE 8080 9464
ENTRYPOINT ["bin/weir"]
CMD ["api"]
