import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url));

const config: NextConfig = {
  // The workspace packages are TypeScript sources outside this folder.
  turbopack: { root: repositoryRoot },
  outputFileTracingRoot: repositoryRoot,
  transpilePackages: ["@leasewire/config", "@leasewire/net"],
  experimental: { optimizePackageImports: ["@tabler/icons-react"] },
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
};

export default config;
