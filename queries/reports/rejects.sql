-- What could not be stored and why, with one place to look at.
-- grain: one row per reason
-- reads: rejects
select
    reason,
    count(*) as rejected,
    count(distinct uri) as files,
    min({'file': uri, 'record': record_number}) as example
from rejects
group by reason
order by rejected desc, reason asc
