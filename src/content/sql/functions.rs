//! Functions that a `read` may call, and what else may stand in front of a parenthesis.
//!
//! The lists name what PostgreSQL 17, MySQL 8.4, SQLite 3.46 and ClickHouse 24 have of their own and what neither writes,
//! waits, reads a file of the server nor reaches another one. Every other name may be somebody's own function.

/// Words in front of a parenthesis that call nothing: grammar, and types with a length.
pub(super) const GRAMMAR: [&str; 82] = [
    "all",
    "and",
    "any",
    "array",
    "as",
    "asof",
    "between",
    "bigint",
    "binary",
    "bit",
    "by",
    "case",
    "char",
    "character",
    "copy",
    "cube",
    "decimal",
    "default",
    "distinct",
    "double",
    "else",
    "end",
    "enum",
    "except",
    "exists",
    "explain",
    "fetch",
    "filter",
    "final",
    "float",
    "from",
    "glob",
    "group",
    "having",
    "ilike",
    "in",
    "int",
    "integer",
    "intersect",
    "interval",
    "is",
    "join",
    "key",
    "lateral",
    "like",
    "limit",
    "materialized",
    "nchar",
    "not",
    "null",
    "numeric",
    "nvarchar",
    "offset",
    "on",
    "or",
    "order",
    "over",
    "partition",
    "prewhere",
    "qualify",
    "range",
    "real",
    "regexp",
    "rlike",
    "rollup",
    "row",
    "rows",
    "select",
    "sets",
    "similar",
    "smallint",
    "some",
    "table",
    "tablesample",
    "then",
    "tinyint",
    "to",
    "union",
    "using",
    "values",
    "varchar",
    "when",
];

/// More grammar; `where (` and its like.
pub(super) const MORE_GRAMMAR: [&str; 16] = [
    "bigserial",
    "conflict",
    "datetime64",
    "escape",
    "groups",
    "nullable",
    "set",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "varbinary",
    "varying",
    "where",
    "window",
    "with",
];

/// Functions that only compute.
#[rustfmt::skip]
pub(super) const HARMLESS: &[&str] = &[
    // aggregates and windows
    "any_value", "array_agg", "avg", "avgif", "bit_and", "bit_or", "bit_xor", "bool_and", "bool_or", "corr", "count",
    "countif", "covar_pop", "covar_samp", "cume_dist", "dense_rank", "every", "first_value", "group_concat", "grouparray",
    "groupuniqarray", "grouping", "json_agg", "json_arrayagg", "json_group_array", "json_group_object", "json_object_agg",
    "json_objectagg", "jsonb_agg", "jsonb_object_agg", "lag", "last_value", "lead", "max", "maxif", "median", "min",
    "minif", "mode", "nth_value", "ntile", "percent_rank", "percentile_cont", "percentile_disc", "quantile", "quantiles",
    "rank", "regr_slope", "row_number", "std", "stddev", "stddev_pop", "stddev_samp", "string_agg", "sum", "sumif",
    "total", "uniq", "uniqexact", "var_pop", "var_samp", "variance", "argmax", "argmin", "topk",
    // numbers
    "abs", "acos", "asin", "atan", "atan2", "cbrt", "ceil", "ceiling", "cos", "cot", "degrees", "div", "exp", "floor",
    "greatest", "gcd", "lcm", "least", "ln", "log", "log10", "log2", "mod", "pi", "pow", "power", "radians", "rand",
    "random", "round", "sign", "sin", "sqrt", "tan", "trunc", "truncate", "width_bucket", "intdiv",
    // text
    "ascii", "bit_length", "btrim", "char_length", "character_length", "chr", "concat", "concat_ws", "convert", "decode",
    "elt", "encode", "field", "find_in_set", "format", "from_base64", "hex", "initcap", "insert_at", "instr", "lcase",
    "left", "length", "locate", "lower", "lpad", "ltrim", "md5", "mid", "octet_length", "overlay", "parse_ident",
    "position", "printf", "quote", "quote_ident", "quote_literal", "quote_nullable", "regexp_count", "regexp_instr",
    "regexp_like", "regexp_match", "regexp_matches", "regexp_replace", "regexp_split_to_array", "regexp_split_to_table",
    "regexp_substr", "repeat", "replace", "reverse", "right", "rpad", "rtrim", "sha1", "sha2", "sha224", "sha256",
    "sha384", "sha512", "soundex", "space", "split_part", "starts_with", "strcmp", "string_to_array",
    "string_to_table", "strpos", "substr", "substring", "substring_index", "to_base64", "to_hex", "translate", "trim",
    "ucase", "unhex", "unicode", "unistr", "upper", "char", "convert_from", "convert_to", "normalize", "tostring",
    "formatreadablesize", "formatreadabletimedelta", "formatreadablequantity",
    // dates
    "adddate", "addtime", "age", "clock_timestamp", "convert_tz", "curdate", "current_date", "current_time",
    "current_timestamp", "curtime", "date", "date_add", "date_bin", "date_diff", "date_format", "date_part", "date_sub",
    "date_trunc", "datediff", "datetime", "day", "dayname", "dayofmonth", "dayofweek", "dayofyear", "extract",
    "from_days", "from_unixtime", "hour", "isfinite", "julianday", "justify_days", "justify_hours", "last_day",
    "localtime", "localtimestamp", "make_date", "make_interval", "make_time", "make_timestamp", "make_timestamptz",
    "microsecond", "minute", "month", "monthname", "now", "now64", "quarter", "sec_to_time", "second",
    "statement_timestamp", "str_to_date", "strftime", "subdate", "subtime", "sysdate", "time_format", "time_to_sec",
    "timediff", "timeofday", "timestampadd", "timestampdiff", "to_char", "to_date", "to_days", "to_number",
    "to_timestamp", "today", "transaction_timestamp", "unix_timestamp", "unixepoch", "utc_date", "utc_time",
    "utc_timestamp", "week", "weekday", "weekofyear", "year", "yearweek", "yesterday", "todate", "todatetime",
    "tostartofday", "tostartofhour", "tostartoffiveminutes", "tostartofinterval", "tostartofminute", "tostartofmonth",
    "tounixtimestamp", "toyyyymm", "toyyyymmdd",
    // conditions and types
    "cast", "coalesce", "if", "ifnull", "iif", "isnull", "multiif", "nullif", "num_nonnulls", "num_nulls", "nvl",
    "try_cast", "typeof", "totypename", "pg_typeof", "toint32", "toint64", "touint32", "touint64", "tofloat64", "isnotnull",
    "assumenotnull", "empty", "notempty", "likelihood", "likely", "unlikely",
    // arrays, rows, json
    "array_append", "array_cat", "array_length", "array_lower", "array_ndims", "array_position", "array_positions",
    "array_prepend", "array_remove", "array_replace", "array_to_json", "array_to_string", "array_upper", "arrayjoin",
    "cardinality", "generate_series", "generate_subscripts", "has", "json_array", "json_array_elements",
    "json_array_elements_text", "json_array_length", "json_build_array", "json_build_object", "json_contains",
    "json_depth", "json_each", "json_each_text", "json_extract", "json_extract_path", "json_extract_path_text",
    "json_keys", "json_length", "json_object", "json_object_keys", "json_pretty", "json_query", "json_search",
    "json_table", "json_tree", "json_type", "json_typeof", "json_unquote", "json_valid", "json_value",
    "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_array_length", "jsonb_build_array", "jsonb_build_object",
    "jsonb_each", "jsonb_each_text", "jsonb_extract_path", "jsonb_extract_path_text", "jsonb_object_keys",
    "jsonb_path_exists", "jsonb_path_query", "jsonb_pretty", "jsonb_set", "jsonb_typeof", "jsonextractstring", "numbers",
    "row_to_json", "to_json", "to_jsonb", "unnest", "tuple",
    // networks, full text, identifiers
    "abbrev", "broadcast", "family", "gen_random_uuid", "host", "hostmask", "inet_aton", "inet_ntoa", "inet6_aton",
    "inet6_ntoa", "masklen", "netmask", "network", "plainto_tsquery", "set_masklen", "to_tsquery", "to_tsvector",
    "ts_headline", "ts_rank", "uuid", "uuid_to_bin", "bin_to_uuid", "websearch_to_tsquery", "phraseto_tsquery",
];

/// Functions that show the server's own state and that of the session. They change nothing, and what they answer may
/// differ from one session or transaction to the next.
#[rustfmt::skip]
pub(super) const TELLING: &[&str] = &[
    "changes", "charset", "coercibility", "col_description", "collation", "connection_id", "current_database",
    "current_query", "current_role", "current_schema", "current_schemas", "current_setting", "current_user",
    "currentdatabase", "currentuser", "database", "format_type", "found_rows", "has_any_column_privilege",
    "has_column_privilege", "has_database_privilege", "has_function_privilege", "has_schema_privilege",
    "has_sequence_privilege", "has_table_privilege", "hostname", "inet_client_addr", "inet_client_port",
    "inet_server_addr", "inet_server_port", "last_insert_id", "last_insert_rowid", "obj_description",
    "pg_backend_pid", "pg_blocking_pids", "pg_column_size", "pg_conf_load_time", "pg_control_checkpoint",
    "pg_control_system", "pg_current_snapshot", "pg_current_wal_flush_lsn", "pg_current_wal_insert_lsn",
    "pg_current_wal_lsn", "pg_database_size", "pg_encoding_to_char", "pg_function_is_visible", "pg_get_constraintdef",
    "pg_get_expr", "pg_get_function_arguments", "pg_get_functiondef", "pg_get_indexdef", "pg_get_ruledef",
    "pg_get_serial_sequence", "pg_get_triggerdef", "pg_get_userbyid", "pg_get_viewdef", "pg_get_wal_replay_pause_state",
    "pg_has_role", "pg_indexes_size", "pg_is_in_backup", "pg_is_in_recovery", "pg_is_wal_replay_paused",
    "pg_isolation_test_session_is_blocked", "pg_jit_available", "pg_last_committed_xact", "pg_last_wal_receive_lsn",
    "pg_last_wal_replay_lsn", "pg_last_xact_replay_timestamp", "pg_listening_channels", "pg_lock_status",
    "pg_my_temp_schema", "pg_postmaster_start_time", "pg_relation_filenode", "pg_relation_filepath", "pg_relation_size",
    "pg_safe_snapshot_blocking_pids", "pg_size_bytes", "pg_size_pretty", "pg_snapshot_xmin", "pg_table_is_visible",
    "pg_table_size", "pg_tablespace_databases", "pg_tablespace_location", "pg_tablespace_size", "pg_total_relation_size",
    "pg_type_is_visible", "pg_wal_lsn_diff", "pg_walfile_name", "pg_xact_commit_timestamp", "pragma_database_list",
    "pragma_foreign_key_list", "pragma_index_info", "pragma_index_list", "pragma_table_info", "pragma_table_list",
    "pragma_table_xinfo", "row_count", "schema", "session_user", "shobj_description", "sqlite_source_id",
    "sqlite_version", "system_user", "to_regclass", "to_regnamespace", "to_regproc", "to_regrole", "to_regtype",
    "total_changes", "txid_current_if_assigned", "txid_current_snapshot", "txid_status", "uptime", "user", "version",
];

/// Functions that only compute, and another result each time.
const FICKLE: [&str; 7] =
    ["clock_timestamp", "gen_random_uuid", "rand", "random", "sysdate", "timeofday", "uuid"];

/// Whether a function gives the same for the same words, whoever asks in whatever transaction; time goes on for all.
pub(super) fn is_determined(name: &str) -> bool {
    HARMLESS.contains(&name) && !FICKLE.contains(&name)
}

/// Whether a function may stand in a `read`.
pub(super) fn is_harmless(name: &str) -> bool {
    HARMLESS.contains(&name)
        || TELLING.contains(&name)
        || name.strip_prefix("pg_stat_get_").is_some_and(|rest| !rest.is_empty())
}

/// Whether a word in front of a parenthesis is grammar.
pub(super) fn is_grammar(word: &str) -> bool {
    GRAMMAR.contains(&word) || MORE_GRAMMAR.contains(&word)
}

/// The class of a function that is more than a call of somebody's own.
pub(super) fn class(name: &str) -> &'static str {
    match name {
        "pg_cancel_backend" | "pg_terminate_backend" => "kill",
        "pg_advisory_lock"
        | "pg_advisory_lock_shared"
        | "pg_advisory_xact_lock"
        | "pg_advisory_xact_lock_shared"
        | "pg_advisory_unlock"
        | "pg_advisory_unlock_all"
        | "pg_try_advisory_lock"
        | "pg_try_advisory_xact_lock"
        | "get_lock"
        | "release_lock"
        | "release_all_locks" => "lock",
        "pg_backup_start"
        | "pg_backup_stop"
        | "pg_copy_logical_replication_slot"
        | "pg_copy_physical_replication_slot"
        | "pg_create_logical_replication_slot"
        | "pg_create_physical_replication_slot"
        | "pg_create_restore_point"
        | "pg_drop_replication_slot"
        | "pg_logical_emit_message"
        | "pg_logical_slot_get_changes"
        | "pg_promote"
        | "pg_reload_conf"
        | "pg_replication_origin_advance"
        | "pg_replication_origin_create"
        | "pg_replication_origin_drop"
        | "pg_replication_slot_advance"
        | "pg_rotate_logfile"
        | "pg_start_backup"
        | "pg_stop_backup"
        | "pg_switch_wal"
        | "pg_switch_xlog"
        | "pg_wal_replay_pause"
        | "pg_wal_replay_resume"
        | "pg_xlog_replay_pause"
        | "pg_xlog_replay_resume" => "server",
        // They read files with the rights of the server.
        "load_file"
        | "lo_get"
        | "pg_ls_dir"
        | "pg_ls_logdir"
        | "pg_ls_waldir"
        | "pg_read_binary_file"
        | "pg_read_file"
        | "pg_stat_file" => "secret",
        "lo_export" | "pg_file_write" | "writefile" => "copy-out",
        _ => "call",
    }
}

/// Tables and columns in which passwords and keys stand.
pub(super) const SECRETS: [&str; 16] = [
    "authentication_string",
    "global_priv",
    "mysql_user",
    "pg_auth_members_password",
    "pg_authid",
    "pg_largeobject",
    "pg_shadow",
    "pg_subscription",
    "pg_user_mapping",
    "pg_user_mappings",
    "proxies_priv",
    "rolpassword",
    "slave_master_info",
    "subconninfo",
    "umoptions",
    "web_sessions",
];
