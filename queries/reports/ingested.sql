-- What was read into the lake, by what the files turned out to be when they were last read.
-- grain: one row per kind of file
-- reads: files
-- A file that was read again, because it changed or the decoders did, is one file; its records
-- are those of all readings.
with one_row_a_file as (
    select
        uri,
        arg_max(kind, (ingested_at, batch_id)) as kind,
        arg_max(bytes, (ingested_at, batch_id)) as bytes,
        sum(records_read) as records_read,
        sum(records_stored) as records_stored,
        sum(records_duplicate) as records_duplicate,
        sum(records_rejected) as records_rejected,
        max(ingested_at) as ingested_at
    from files
    group by uri
)

select
    kind,
    count(*) as files,
    sum(bytes)::bigint as bytes,
    sum(records_read)::bigint as records_read,
    sum(records_stored)::bigint as records_stored,
    sum(records_duplicate)::bigint as records_duplicate,
    sum(records_rejected)::bigint as records_rejected,
    max(ingested_at) as last_ingested_at
from one_row_a_file
group by kind
order by files desc, kind asc
