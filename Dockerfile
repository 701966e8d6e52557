# The image of all parts: `api` (the default), `worker`, and every other command of bin/weir. What it copies is what
# .dockerignore lets through. The image brings Node 24, so the pinned one (an optional package) stays out.
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
