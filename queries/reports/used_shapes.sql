-- What was called under each hat, as shapes: calls that need the same actions on the same
-- resources are one row, however often they were made.
-- grain: one row per hat, place, call, and what of its request matters; who made it is a list
-- reads: attributed_events
-- $calls: list of {event_source, event_name, paths, arn_paths, presences, wants_arns, wants_ids}:
-- JSON paths of the request whose values matter, those that matter where they hold an ARN, those
-- of which only matters what is in them; whether ARNs of the record and ids of EC2 matter.
-- $ec2_ids: pattern of ids; $most_keys: distinct object keys of one shape, above which only their
-- folders are told apart; $refused, $passed: patterns of error codes (`refusals.py`).
-- Optional: $subject (ARN, name or glob of the hat: the role worn last, else the user), $actor,
-- $session (beginning of a session id), $account (of the event), $since, $until, $grades (list).
-- Of a call that several accounts recorded (`sharedEventID`) the caller's copy tells who made it,
-- and the copy of the account that owns the called resource on what: a call counts where either is
-- asked for, and once. A call that got no answer for want of valid credentials or
-- of a permission used nothing.
with calls as (
    select
        u.c.event_source,
        u.c.event_name,
        u.c.paths,
        u.c.arn_paths,
        u.c.presences,
        u.c.wants_arns,
        u.c.wants_ids
    from (select unnest($calls) as c) as u
),

owners_copies as (
    select
        shared_event_id,
        recipient_account_id,
        request_parameters,
        resources
    from attributed_events
    where shared_event_id is not null and user_type = 'AWSAccount'
),

callers_copies as (
    select distinct shared_event_id
    from attributed_events
    where
        shared_event_id is not null
        and user_type is distinct from 'AWSAccount'
        and coalesce(chain[-1], actor_arn, user_arn) is not null
),

made as (
    select
        a.* replace (
            coalesce(o.request_parameters, a.request_parameters) as request_parameters,
            coalesce(o.resources, a.resources) as resources,
            coalesce(o.recipient_account_id, a.recipient_account_id) as recipient_account_id
        ),
        a.recipient_account_id as recorded_in,
        coalesce(a.user_type = 'AWSAccount', false)
        or o.shared_event_id is not null as is_owners
    from attributed_events as a
    left join owners_copies as o
        on if(a.user_type = 'AWSAccount', null, a.shared_event_id) = o.shared_event_id
    where
        a.user_type is distinct from 'AWSAccount'
        or a.shared_event_id is null
        or a.shared_event_id not in (select c.shared_event_id from callers_copies as c)
),

selected as (
    select
        coalesce(a.chain[-1], a.actor_arn, a.user_arn) as subject,
        a.actor_kind,
        case
            when a.actor_kind = 'unresolved' then 'unresolved'
            else coalesce(nullif(a.actor_display, ''), nullif(a.actor_name, ''), a.actor_kind)
        end as actor,
        a.event_source,
        a.event_name,
        a.event_type,
        a.aws_region,
        a.user_invoked_by as invoked_by,
        a.event_time,
        a.event_id,
        a.shared_event_id,
        coalesce(
            regexp_matches(a.error_code, $refused)
            and not regexp_matches(a.error_code || ' ' || a.event_source, $passed),
            false
        ) as is_denied,
        case
            when a.event_source = 's3.amazonaws.com' then a.request_parameters ->> '$.key'
        end as object_key,
        case
            when len(c.paths) > 0 then list_transform(c.paths, lambda p: a.request_parameters -> p)
        end as members,
        case
            when len(c.arn_paths) > 0 and contains(a.request_parameters, '"arn:')
                then
                    list_transform(
                        c.arn_paths,
                        lambda p: if(
                            contains(a.request_parameters -> p, '"arn:'),
                            a.request_parameters -> p,
                            null
                        )
                    )
        end as arn_members,
        case
            when len(c.presences) > 0
                then
                    list_transform(
                        c.presences, lambda p: json_structure(a.request_parameters -> p)
                    )
        end as structures,
        case
            when c.wants_arns and object_key is null
                then list_sort(list_distinct(a.resources ->> '$[*].ARN'))
        end as arns,
        case
            when
                a.resources is not null
                and object_key is null
                and (
                    a.shared_event_id is not null
                    or a.recipient_account_id is null
                    or regexp_matches(
                        replace(a.resources, a.recipient_account_id, ''), '[":][0-9]{12}[":]'
                    )
                )
                -- They are read only where they can name another account: that is faster.
                then
                    list_distinct(
                        list_filter(
                            list_transform(
                                from_json(
                                    a.resources, '[{"ARN": "VARCHAR", "accountId": "VARCHAR"}]'
                                ),
                                lambda r: coalesce(
                                    nullif(split_part(r.arn, ':', 5), ''), r.accountid
                                )
                            ),
                            lambda o: regexp_full_match(o, '[0-9]{12}')
                        )
                    )
        end as owners,
        -- Whose the called resource is: the account that the record's resources name; else the one
        -- that recorded the call, unless that is the caller's and another account has a copy too.
        case
            when object_key is not null then a.recipient_account_id
            when len(owners) = 1 then owners[1]
            when
                a.shared_event_id is null
                or a.is_owners
                or coalesce(a.user_account_id != a.recipient_account_id, true)
                then a.recipient_account_id
        end as owner_account_id,
        case
            when c.wants_ids
                then
                    list_sort(list_distinct(regexp_extract_all(a.request_parameters, $ec2_ids, 1)))
        end as ids
    from made as a
    left join calls as c on a.event_source = c.event_source and a.event_name = c.event_name
    where
        a.event_source is not null
        and a.event_name is not null
        and ($since is null or a.event_time >= $since)
        and ($until is null or a.event_time < $until)
        and ($account is null or $account in (a.recipient_account_id, a.recorded_in))
        and ($session is null or starts_with(a.session_id, $session))
        and ($grades is null or list_contains($grades, a.evidence))
        and (
            $subject is null
            or lower(coalesce(a.chain[-1], a.actor_arn, a.user_arn)) glob lower($subject)
            or lower(
                regexp_extract(coalesce(a.chain[-1], a.actor_arn, a.user_arn), '[^/:]*$')
            ) glob lower($subject)
        )
        and (
            $actor is null
            or lower(a.actor_name) glob lower($actor)
            or lower(a.actor_arn) glob lower($actor)
            or lower(a.actor_display) glob lower($actor)
        )
),

by_actor as (
    select
        * exclude (event_time, event_id, shared_event_id, owners),
        count(*) filter (where shared_event_id is null)
        + count(distinct shared_event_id) as events,
        min(event_time) as first_time,
        max(event_time) as last_time,
        arg_min(event_id, (event_time, event_id)) as event_id
    from selected
    where subject is not null
    group by all
),

by_key as (
    select
        * exclude (actor_kind, actor, events, first_time, last_time, event_id),
        list(
            {'kind': actor_kind, 'actor': actor, 'events': events}
            order by actor_kind, actor
        ) as actors,
        min(first_time) as first_time,
        max(last_time) as last_time,
        arg_min(event_id, (first_time, event_id)) as event_id
    from by_actor
    group by all
),

counted as (
    select
        *,
        count(distinct object_key) over (
            partition by
                subject, event_source, event_name, is_denied, members, arn_members, structures
        ) as keys
    from by_key
)

select
    * exclude (keys, object_key, actors, first_time, last_time, event_id),
    case
        when object_key is null then null
        when keys <= $most_keys then object_key
        else regexp_extract(object_key, '^(?:[^/]*/)*') || '*'
    end as object_key,
    (object_key is not null and keys > $most_keys) as is_folder,
    flatten(list(actors order by first_time, event_id, actors)) as actors,
    min(first_time) as first_time,
    max(last_time) as last_time,
    arg_min(event_id, (first_time, event_id)) as event_id
from counted
group by all
order by subject, event_source, event_name, is_denied, first_time, event_id
