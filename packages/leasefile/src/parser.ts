import { IscLeasesParser } from "./isc-leases.ts";
import { keaCsv4, keaCsv6 } from "./kea-csv.ts";
import type { LeaseFileFormat, LeaseFileOptions, LeaseFileParser } from "./lease-file.ts";
import { ownCsv } from "./own-csv.ts";
import { TableRowsParser } from "./table-rows.ts";

export function createLeaseFileParser(format: LeaseFileFormat, options: LeaseFileOptions): LeaseFileParser {
  switch (format) {
    case "kea-csv4":
      return new TableRowsParser(keaCsv4(options));
    case "kea-csv6":
      return new TableRowsParser(keaCsv6(options));
    case "isc-leases":
      return new IscLeasesParser(options);
    case "csv":
      return new TableRowsParser(ownCsv(options));
  }
}
