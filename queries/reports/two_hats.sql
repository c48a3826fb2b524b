-- Times in which one person wore two roles at once, or changed between them within five minutes.
-- grain: one row per person, stretch of time and role
-- reads: attributed_events
-- Optional: $since (inclusive), $until (exclusive), $actor (name, ARN or display, or glob), $role
-- (ARN, name or glob of one of the roles worn), $account (of the person or of one of the roles).
-- A stretch is calls under roles with at most five minutes between one and the next; it counts
-- where there are two roles in it. The role is the one worn last in the chain; `entered_through`
-- are the roles before it. Accounts and repositories are left out: they are many at once.
with worn as (
    select
        actor_kind,
        actor_account,
        actor_name,
        actor_arn,
        actor_display,
        chain,
        chain[-1] as role_arn,
        evidence,
        session_id,
        source_ip_address,
        event_time
    from attributed_events
    where
        len(chain) > 0
        and actor_kind in ('iam-user', 'root', 'identity-center-user', 'saml-user')
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
        and (
            $actor is null
            or lower(actor_name) glob lower($actor)
            or lower(actor_arn) glob lower($actor)
            or lower(actor_display) glob lower($actor)
        )
),

begun as (
    select
        *,
        coalesce(
            event_time > lag(event_time) over person + interval 5 minutes, true
        ) as begins
    from worn
    window
        person as (
            partition by actor_kind, actor_account, actor_name
            order by event_time, role_arn, session_id
        )
),

numbered as (
    select
        *,
        sum(begins::integer) over (
            partition by actor_kind, actor_account, actor_name
            order by event_time, role_arn, session_id
            rows unbounded preceding
        ) as stretch
    from begun
),

hats as (
    select
        actor_kind,
        actor_account,
        actor_name,
        max(actor_arn) as actor_arn,
        max(actor_display) as actor_display,
        stretch::bigint as stretch,
        role_arn,
        min(event_time) as first_time,
        max(event_time) as last_time,
        count(*) as events,
        list_sort(list(distinct evidence)) as evidences,
        list_sort(list(distinct session_id) filter (where session_id is not null)) as session_ids,
        list_sort(
            list(distinct source_ip_address) filter (where source_ip_address is not null)
        ) as source_addresses,
        list_sort(list_distinct(flatten(list(distinct chain[:-2])))) as entered_through
    from numbered
    group by actor_kind, actor_account, actor_name, numbered.stretch, role_arn
),

chosen as (
    select
        *,
        count(*) over (partition by actor_kind, actor_account, actor_name, stretch) as role_count,
        bool_or(
            $role is null
            or lower(role_arn) glob lower($role)
            or lower(regexp_extract(role_arn, '[^/:]*$')) glob lower($role)
        ) over (partition by actor_kind, actor_account, actor_name, stretch) as is_role,
        bool_or(
            $account is null
            or actor_account = $account
            or split_part(role_arn, ':', 5) = $account
        ) over (partition by actor_kind, actor_account, actor_name, stretch) as is_account
    from hats
)

select * exclude (role_count, is_role, is_account)
from chosen
where role_count > 1 and is_role and is_account
order by
    actor_kind asc, actor_account asc, actor_name asc, stretch asc, first_time asc, role_arn asc
