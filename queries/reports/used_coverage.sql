-- What of each service the window covers: how many calls, and whether data events are recorded.
-- grain: one row per account and event source
-- reads: events
-- Optional: $account, $since, $until.
select
    recipient_account_id as account_id,
    event_source,
    count(*) as events,
    count(*) filter (where event_category = 'Data' or not management_event) as data_events,
    min(event_time) as first_time,
    max(event_time) as last_time,
    list_sort(list(distinct aws_region) filter (where aws_region is not null)) as regions,
    bool_or(read_only) as has_reads,
    bool_or(not read_only) as has_writes
from events
where
    event_source is not null
    and ($account is null or recipient_account_id = $account)
    and ($since is null or event_time >= $since)
    and ($until is null or event_time < $until)
group by all
order by account_id, event_source
