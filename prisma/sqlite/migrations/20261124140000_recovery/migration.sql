-- CreateTable
CREATE TABLE "BulkRun" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "startedAtMs" BIGINT NOT NULL,
    "startedBy" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "run" TEXT NOT NULL,
    "groups" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "StreamEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "instance" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "phase" TEXT,
    "text" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "BaseTime" (
    "node" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "instance" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "baseTimeSeconds" BIGINT NOT NULL,

    PRIMARY KEY ("node", "family", "instance", "server")
);

-- CreateTable
CREATE TABLE "QueryTemplate" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "node" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "input" TEXT NOT NULL,
    "everySeconds" INTEGER,
    "createdBy" TEXT NOT NULL,
    "createdAtMs" BIGINT NOT NULL,
    "lastRunId" TEXT,
    "lastRunAtMs" BIGINT,
    "nextRunAtMs" BIGINT,
    "lastRefusal" TEXT
);

-- CreateIndex
CREATE INDEX "BulkRun_node_startedAtMs_id_idx" ON "BulkRun"("node", "startedAtMs", "id");

-- CreateIndex
CREATE INDEX "StreamEvent_node_family_instance_server_atMs_idx" ON "StreamEvent"("node", "family", "instance", "server", "atMs");

-- CreateIndex
CREATE INDEX "StreamEvent_node_atMs_idx" ON "StreamEvent"("node", "atMs");

-- CreateIndex
CREATE UNIQUE INDEX "QueryTemplate_node_name_key" ON "QueryTemplate"("node", "name");


