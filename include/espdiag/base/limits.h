/* SPDX-License-Identifier: MIT */
/*
 * The single list of ceilings. Evidence is hostile: every count and length is held to one of these,
 * and what a limit cut off is reported as a coverage row that names the limit.
 */
#ifndef ESPDIAG_BASE_LIMITS_H
#define ESPDIAG_BASE_LIMITS_H

#define ED_KIB ((size_t)1024)
#define ED_MIB (1024 * ED_KIB)

/* One run */
#define ED_LIMIT_RUN_ARENA (512 * ED_MIB)    /* evidence, timeline and findings of one PATH */
#define ED_LIMIT_EVENT_TEXT (256 * ED_MIB)   /* of that, events: the rest is for what is made */
#define ED_LIMIT_CHANNEL_TEXT (128 * ED_MIB) /* of one log: room stays for the others */
#define ED_LIMIT_EVENTS ((size_t)2000000)    /* events kept for the analysis */
#define ED_LIMIT_FACTS ((size_t)2000000)     /* registry values, log lines, state rows kept */
#define ED_LIMIT_SOURCES ((size_t)200000)    /* files and members looked at */
#define ED_LIMIT_COVERAGE ((size_t)200000)   /* coverage rows */
#define ED_LIMIT_SOURCE_CHANNELS 4096        /* channels of one file that get a row of their own */
#define ED_LIMIT_OUTPUT (256 * ED_MIB)       /* one rendered verdict */

/* A live run */
#define ED_LIMIT_RECORDED (24 * ED_MIB)             /* one recorded member, before redaction */
#define ED_LIMIT_RECORDED_CHANNEL (15 * ED_MIB / 4) /* events of one channel, the newest */
#define ED_LIMIT_RECORDED_MEMBERS ((size_t)4096)    /* members or gaps of one collector */
#define ED_LIMIT_WMI_ROWS ((size_t)256)             /* instances of one query */
#define ED_LIMIT_WMI_VALUES ((size_t)256)        /* values of an instance, elements of an array */
#define ED_LIMIT_WMI_ARENA (8 * ED_MIB)          /* all answers of one connection */
#define ED_LIMIT_REGISTRY_DEPTH 8                /* keys below keys of one registry row */
#define ED_LIMIT_REGISTRY_KEYS ((size_t)4096)    /* of one recorded registry member */
#define ED_LIMIT_REGISTRY_VALUES ((size_t)16384) /* of one recorded registry member */
#define ED_LIMIT_REGISTRY_BYTES (16 * ED_MIB)    /* of its names and data */
#define ED_LIMIT_REGISTRY_VALUE (64 * ED_KIB)    /* one value; a larger one is not read */
#define ED_LIMIT_REGISTRY_MS 3000                /* for one recorded registry member */
#define ED_LIMIT_LOG_TAIL (4 * ED_MIB)           /* read of one log of the IME: its end */
#define ED_LIMIT_LOG_TAILS (12 * ED_MIB)         /* read of all of them */
#define ED_LIMIT_BOOT_LOGS 12                    /* measured-boot logs, the newest */
#define ED_LIMIT_BOOT_LOG (8 * ED_MIB)           /* one of them, live */
#define ED_LIMIT_PROFILE (1 * ED_MIB)            /* AutopilotDDSZTDFile.json */
#define ED_LIMIT_REDACT_WORDS ((size_t)65536)    /* identities known to one redactor */
#define ED_LIMIT_REDACT_WORK (192 * ED_MIB)      /* one redactor's memory for them */
#define ED_LIMIT_BUNDLE_MEMBERS ((size_t)4096)
#define ED_LIMIT_BUNDLE_BYTES (1024 * ED_MIB) /* unpacked members of a bundle being made */

/* A fleet */
#define ED_LIMIT_FLEET_BUNDLES ((size_t)1000000)     /* of one run */
#define ED_LIMIT_FLEET_KEYS ((size_t)4096)           /* different values of one way to count */
#define ED_LIMIT_FLEET_ROWS ((size_t)(512 * ED_MIB)) /* of all files of rows to be joined */

/* Containers */
#define ED_LIMIT_DEPTH 4                        /* archives inside archives */
#define ED_LIMIT_DIR_DEPTH 32                   /* folders inside folders */
#define ED_LIMIT_MEMBERS ((size_t)100000)       /* members of one archive */
#define ED_LIMIT_MEMBER_BYTES (512 * ED_MIB)    /* one unpacked member */
#define ED_LIMIT_UNPACKED_BYTES (4096 * ED_MIB) /* all unpacked members of one PATH */
#define ED_LIMIT_INFLATE_RATIO 1100             /* deflate cannot do better than 1032:1 */
#define ED_LIMIT_NAME_BYTES (4 * ED_KIB)        /* a member's name */

/* Text and trees */
#define ED_LIMIT_TEXT_FILE (64 * ED_MIB) /* .reg, logs, dsregcmd, JSON, XML reports */
#define ED_LIMIT_LINE (1 * ED_MIB)       /* one line of text; a longer one is skipped and counted */
#define ED_LIMIT_XML_FILE (512 * ED_MIB) /* an event export */
#define ED_LIMIT_XML_DEPTH 64            /* event XML is four deep */
#define ED_LIMIT_XML_TEXT (8 * ED_MIB)   /* one text or attribute */
#define ED_LIMIT_XML_ATTRIBUTES ((size_t)128) /* of one element: checking them is quadratic */
#define ED_LIMIT_XML_NAMES 50000 /* different names of elements and attributes of one document */
#define ED_LIMIT_EVENT_XML (4 * ED_MIB) /* one <Event>: Windows allows 64 KiB before rendering */
#define ED_LIMIT_REPORT_FACTS ((size_t)200000) /* of one MDMDiagReport.xml or results.xml */
#define ED_LIMIT_JSON (16 * ED_MIB)
#define ED_LIMIT_JSON_DEPTH 64
#define ED_LIMIT_JSON_VALUES ((size_t)262144) /* values of one document */

/* Events */
#define ED_LIMIT_FIELDS ((size_t)4096)        /* fields of one event */
#define ED_LIMIT_VALUE (256 * ED_KIB)         /* one rendered value; the rest is cut */
#define ED_LIMIT_BINXML_DEPTH 64              /* elements, templates and embedded BinXml, nested */
#define ED_LIMIT_TEMPLATES ((size_t)65536)    /* distinct definitions kept for a run */
#define ED_LIMIT_TEMPLATE_OPS ((size_t)65536) /* pieces of one compiled template */
#define ED_LIMIT_TEMPLATE_BYTES (8 * ED_MIB)  /* all compiled templates that are kept */
#define ED_LIMIT_SHAPE_BYTES (2 * ED_MIB)     /* what records of them look like */
#define ED_LIMIT_EVENT_BYTES (4 * ED_MIB)     /* rendered text of one event */

/* Measured boot */
#define ED_LIMIT_TCG_FILE (32 * ED_MIB) /* one log; real ones have some hundred KiB */
#define ED_LIMIT_TCG_EVENTS ((size_t)65536)
#define ED_LIMIT_TCG_RECORDS ((size_t)65536) /* SIPA records of one log */
#define ED_LIMIT_TCG_DEPTH 8                 /* nested SIPA containers */

#endif
