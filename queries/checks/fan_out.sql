-- Counts that differ where no join may add or lose a row (semantics.md A, gate e): events
-- attributed, events of sessions, sessions with their chain.
-- grain: one row per pair of counts that differ
-- reads: attributed_events, chains, events, identified_events, session_facts, session_ids,
--   sessions
with counts as (
    select
        'attributed events' as counted,
        (select count(*) from events) as expected,
        (select count(*) from attributed_events) as found
    union all
    select
        'different attributed events' as counted,
        (select count(*) from events) as expected,
        (
            select count(distinct a.event_id || '/' || coalesce(a.recipient_account_id, ''))
            from attributed_events as a
        ) as found
    union all
    select
        'events of sessions' as counted,
        (
            select count(*)
            from identified_events as e
            inner join session_ids as i
                on
                    e.principal_id = i.principal_id
                    and e.creation_date is not distinct from i.creation_date
                    and e.user_access_key_id is not distinct from i.access_key_id
            where e.user_type in ('AssumedRole', 'Role', 'FederatedUser', 'IAMUser', 'Root')
        ) as expected,
        (select coalesce(sum(s.event_count), 0) from sessions as s) as found
    union all
    select
        'sessions' as counted,
        (select count(distinct i.session_id) from session_ids as i) as expected,
        (select count(*) from sessions) as found
    union all
    select
        'session facts' as counted,
        (select count(distinct i.session_id) from session_ids as i) as expected,
        (select count(*) from session_facts) as found
    union all
    select
        'chains' as counted,
        (select count(distinct i.session_id) from session_ids as i) as expected,
        (select count(distinct c.session_id) from chains as c) as found
)

select * from counts
where expected <> found
