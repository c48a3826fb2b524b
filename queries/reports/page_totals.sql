-- What the page is about, in numbers: events, people, roles and accounts of the window, in all and
-- by evidence.
-- grain: one row per evidence grade, and one for all (its evidence is null)
-- reads: attributed_events
-- Optional: $since (inclusive), $until (exclusive). `lake_first` is the first event of all.
with judged as (
    select
        event_time,
        evidence,
        session_id,
        chain,
        recipient_account_id,
        actor_kind,
        $since is null or event_time >= $since as in_window,
        actor_kind in ('workload', 'aws-service') as is_machine,
        concat_ws('|', actor_kind, actor_account, actor_name, actor_display) as actor,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied
    from attributed_events
    where $until is null or event_time < $until
)

select
    evidence,
    count(*) filter (in_window) as events,
    count(*) filter (in_window and is_denied) as denied,
    count(distinct session_id) filter (in_window) as sessions,
    count(distinct actor) filter (
        in_window and not is_machine and actor_kind != 'unresolved'
    ) as people,
    count(distinct actor) filter (in_window and is_machine) as machines,
    count(distinct chain[-1]) filter (in_window) as roles,
    count(distinct recipient_account_id) filter (in_window) as accounts,
    min(event_time) filter (in_window) as first_time,
    max(event_time) filter (in_window) as last_time,
    min(event_time) as lake_first
from judged
group by grouping sets ((evidence), ())
