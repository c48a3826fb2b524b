-- How well the events of each account are attributed.
-- grain: one row per account
-- reads: attributed_events
-- Optional: $since (inclusive), $until (exclusive).
select
    recipient_account_id as account,
    count(*) as events,
    100.0 * count(*) filter (
        evidence in ('direct', 'proven', 'matched') and actor_kind <> 'external-account'
    ) / count(*) as known_percent,
    count(*) filter (evidence = 'direct') as direct,
    count(*) filter (evidence = 'proven') as proven,
    count(*) filter (evidence = 'matched') as matched,
    count(*) filter (evidence = 'ambiguous') as ambiguous,
    count(*) filter (evidence = 'claimed') as claimed,
    count(*) filter (evidence = 'none') as no_evidence,
    count(*) filter (actor_kind = 'external-account') as outside_account
from attributed_events
where
    ($since is null or event_time >= $since)
    and ($until is null or event_time < $until)
group by recipient_account_id
order by account asc nulls last
