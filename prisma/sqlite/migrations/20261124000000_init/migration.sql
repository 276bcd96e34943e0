-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "role" TEXT,
    "banned" BOOLEAN DEFAULT false,
    "banReason" TEXT,
    "banExpires" DATETIME
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "expiresAt" DATETIME NOT NULL,
    "token" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "userId" TEXT NOT NULL,
    "impersonatedBy" TEXT,
    CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "accountId" TEXT NOT NULL,
    "providerId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "accessToken" TEXT,
    "refreshToken" TEXT,
    "idToken" TEXT,
    "accessTokenExpiresAt" DATETIME,
    "refreshTokenExpiresAt" DATETIME,
    "scope" TEXT,
    "password" TEXT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL,
    CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- CreateTable
CREATE TABLE "apikey" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "configId" TEXT NOT NULL DEFAULT 'default',
    "name" TEXT,
    "start" TEXT,
    "referenceId" TEXT NOT NULL,
    "prefix" TEXT,
    "key" TEXT NOT NULL,
    "refillInterval" INTEGER,
    "refillAmount" INTEGER,
    "lastRefillAt" DATETIME,
    "enabled" BOOLEAN DEFAULT true,
    "rateLimitEnabled" BOOLEAN DEFAULT true,
    "rateLimitTimeWindow" INTEGER DEFAULT 86400000,
    "rateLimitMax" INTEGER DEFAULT 10,
    "requestCount" INTEGER DEFAULT 0,
    "remaining" INTEGER,
    "lastRequest" DATETIME,
    "expiresAt" DATETIME,
    "createdAt" DATETIME NOT NULL,
    "updatedAt" DATETIME NOT NULL,
    "permissions" TEXT,
    "metadata" TEXT
);

-- CreateTable
CREATE TABLE "rateLimit" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "lastRequest" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "Binding" (
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "address" BLOB NOT NULL,
    "prefixLength" INTEGER NOT NULL,
    "instance" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "changedAtSeconds" BIGINT NOT NULL,
    "state" INTEGER NOT NULL,
    "kind" INTEGER NOT NULL,
    "hardwareType" INTEGER NOT NULL,
    "hardwareAddress" BLOB,
    "clientId" BLOB,
    "iaid" BIGINT,
    "startTimeOfStateSeconds" BIGINT NOT NULL,
    "clientLastTransactionTimeSeconds" BIGINT NOT NULL,
    "expiresAtSeconds" BIGINT NOT NULL,
    "preferredUntilSeconds" BIGINT,
    "dataSource" INTEGER NOT NULL,
    "origin" TEXT NOT NULL,
    "detail" BLOB NOT NULL,

    PRIMARY KEY ("node", "family", "address", "prefixLength", "instance")
);

-- CreateTable
CREATE TABLE "BindingHistory" (
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "address" BLOB NOT NULL,
    "prefixLength" INTEGER NOT NULL,
    "instance" TEXT NOT NULL,
    "atSeconds" BIGINT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "state" INTEGER NOT NULL,
    "hardwareType" INTEGER NOT NULL,
    "hardwareAddress" BLOB,
    "clientId" BLOB,
    "iaid" BIGINT,
    "circuitId" BLOB,
    "remoteId" BLOB,
    "expiresAtSeconds" BIGINT NOT NULL,
    "cause" TEXT NOT NULL,

    PRIMARY KEY ("node", "family", "address", "prefixLength", "instance", "atSeconds", "sequence")
);

-- CreateTable
CREATE TABLE "ChangeLogPosition" (
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "lastSequence" BIGINT NOT NULL,

    PRIMARY KEY ("node", "family")
);

-- CreateTable
CREATE TABLE "ConfigurationCommit" (
    "serial" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "id" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    "comment" TEXT,
    "via" TEXT NOT NULL,
    "text" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "ConfigurationCandidate" (
    "node" TEXT NOT NULL PRIMARY KEY,
    "text" TEXT,
    "changedBy" TEXT,
    "changedAtMs" BIGINT,
    "confirmBeforeMs" BIGINT,
    "confirmRevertTo" TEXT
);

-- CreateTable
CREATE TABLE "LeasequeryRun" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "startedAtMs" BIGINT NOT NULL,
    "startedBy" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "run" TEXT NOT NULL,
    "exchanges" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "node" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "actor" TEXT NOT NULL,
    "via" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "detail" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "NodeFact" (
    "node" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    PRIMARY KEY ("node", "key")
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


