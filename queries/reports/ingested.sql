-- What was read into the lake, by what the files turned out to be.
-- grain: one row per kind of file
-- reads: files
select
    kind,
    count(*) as files,
    sum(bytes)::bigint as bytes,
    sum(records_read)::bigint as records_read,
    sum(records_stored)::bigint as records_stored,
    sum(records_duplicate)::bigint as records_duplicate,
    sum(records_rejected)::bigint as records_rejected,
    max(ingested_at) as last_ingested_at
from files
group by kind
order by files desc, kind asc
