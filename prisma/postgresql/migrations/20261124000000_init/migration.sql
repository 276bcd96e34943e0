-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "role" TEXT,
    "banned" BOOLEAN DEFAULT false,
    "banReason" TEXT,
    "banExpires" TIMESTAMP(3),

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "token" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "userId" TEXT NOT NULL,
    "impersonatedBy" TEXT,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "providerId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "accessToken" TEXT,
    "refreshToken" TEXT,
    "idToken" TEXT,
    "accessTokenExpiresAt" TIMESTAMP(3),
    "refreshTokenExpiresAt" TIMESTAMP(3),
    "scope" TEXT,
    "password" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "apikey" (
    "id" TEXT NOT NULL,
    "configId" TEXT NOT NULL DEFAULT 'default',
    "name" TEXT,
    "start" TEXT,
    "referenceId" TEXT NOT NULL,
    "prefix" TEXT,
    "key" TEXT NOT NULL,
    "refillInterval" INTEGER,
    "refillAmount" INTEGER,
    "lastRefillAt" TIMESTAMP(3),
    "enabled" BOOLEAN DEFAULT true,
    "rateLimitEnabled" BOOLEAN DEFAULT true,
    "rateLimitTimeWindow" INTEGER DEFAULT 86400000,
    "rateLimitMax" INTEGER DEFAULT 10,
    "requestCount" INTEGER DEFAULT 0,
    "remaining" INTEGER,
    "lastRequest" TIMESTAMP(3),
    "expiresAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "permissions" TEXT,
    "metadata" TEXT,

    CONSTRAINT "apikey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rateLimit" (
    "id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "lastRequest" BIGINT NOT NULL,

    CONSTRAINT "rateLimit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Binding" (
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "address" BYTEA NOT NULL,
    "prefixLength" INTEGER NOT NULL,
    "instance" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "changedAtSeconds" BIGINT NOT NULL,
    "state" INTEGER NOT NULL,
    "kind" INTEGER NOT NULL,
    "hardwareType" INTEGER NOT NULL,
    "hardwareAddress" BYTEA,
    "clientId" BYTEA,
    "iaid" BIGINT,
    "startTimeOfStateSeconds" BIGINT NOT NULL,
    "clientLastTransactionTimeSeconds" BIGINT NOT NULL,
    "expiresAtSeconds" BIGINT NOT NULL,
    "preferredUntilSeconds" BIGINT,
    "dataSource" INTEGER NOT NULL,
    "origin" TEXT NOT NULL,
    "detail" BYTEA NOT NULL,

    CONSTRAINT "Binding_pkey" PRIMARY KEY ("node","family","address","prefixLength","instance")
);

-- CreateTable
CREATE TABLE "BindingHistory" (
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "address" BYTEA NOT NULL,
    "prefixLength" INTEGER NOT NULL,
    "instance" TEXT NOT NULL,
    "atSeconds" BIGINT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "state" INTEGER NOT NULL,
    "hardwareType" INTEGER NOT NULL,
    "hardwareAddress" BYTEA,
    "clientId" BYTEA,
    "iaid" BIGINT,
    "circuitId" BYTEA,
    "remoteId" BYTEA,
    "expiresAtSeconds" BIGINT NOT NULL,
    "cause" TEXT NOT NULL,

    CONSTRAINT "BindingHistory_pkey" PRIMARY KEY ("node","family","address","prefixLength","instance","atSeconds","sequence")
);

-- CreateTable
CREATE TABLE "ChangeLogPosition" (
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "lastSequence" BIGINT NOT NULL,

    CONSTRAINT "ChangeLogPosition_pkey" PRIMARY KEY ("node","family")
);

-- CreateTable
CREATE TABLE "ConfigurationCommit" (
    "serial" SERIAL NOT NULL,
    "id" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    "comment" TEXT,
    "via" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "ConfigurationCommit_pkey" PRIMARY KEY ("serial")
);

-- CreateTable
CREATE TABLE "ConfigurationCandidate" (
    "node" TEXT NOT NULL,
    "text" TEXT,
    "changedBy" TEXT,
    "changedAtMs" BIGINT,
    "confirmBeforeMs" BIGINT,
    "confirmRevertTo" TEXT,

    CONSTRAINT "ConfigurationCandidate_pkey" PRIMARY KEY ("node")
);

-- CreateTable
CREATE TABLE "LeasequeryRun" (
    "id" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "startedAtMs" BIGINT NOT NULL,
    "startedBy" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "run" TEXT NOT NULL,
    "exchanges" TEXT NOT NULL,

    CONSTRAINT "LeasequeryRun_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" SERIAL NOT NULL,
    "node" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "actor" TEXT NOT NULL,
    "via" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "detail" TEXT NOT NULL,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "NodeFact" (
    "node" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "NodeFact_pkey" PRIMARY KEY ("node","key")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_key" ON "session"("token");

-- CreateIndex
CREATE INDEX "session_userId_idx" ON "session"("userId");

-- CreateIndex
CREATE INDEX "account_userId_idx" ON "account"("userId");

-- CreateIndex
CREATE INDEX "verification_identifier_idx" ON "verification"("identifier");

-- CreateIndex
CREATE INDEX "apikey_configId_idx" ON "apikey"("configId");

-- CreateIndex
CREATE INDEX "apikey_referenceId_idx" ON "apikey"("referenceId");

-- CreateIndex
CREATE INDEX "apikey_key_idx" ON "apikey"("key");

-- CreateIndex
CREATE UNIQUE INDEX "rateLimit_key_key" ON "rateLimit"("key");

-- CreateIndex
CREATE INDEX "Binding_node_family_sequence_idx" ON "Binding"("node", "family", "sequence");

-- CreateIndex
CREATE UNIQUE INDEX "ConfigurationCommit_id_key" ON "ConfigurationCommit"("id");

-- CreateIndex
CREATE INDEX "ConfigurationCommit_node_serial_idx" ON "ConfigurationCommit"("node", "serial");

-- CreateIndex
CREATE INDEX "LeasequeryRun_node_startedAtMs_id_idx" ON "LeasequeryRun"("node", "startedAtMs", "id");

-- CreateIndex
CREATE INDEX "AuditEntry_node_id_idx" ON "AuditEntry"("node", "id");

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
