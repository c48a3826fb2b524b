-- What the records themselves say of every session: its wearer, its role, its time.
-- The role is the issuer's ARN, which keeps the path; without an issuer the assumed-role ARN
-- stands as written, less the session name (semantics.md 1.2: never rebuild a role ARN).
-- onBehalfOf counts for the whole session where it names one person (semantics.md 3.2).
-- grain: one row per session
-- reads: session_ids, session_keys, session_links
with facts as (
    select
        i.session_id,
        min(i.session_date) as session_date,
        bool_or(i.is_split) as is_split,
        min(k.principal_id) as principal_id,
        min(k.creation_date) as session_creation_date,
        max(k.user_type) as user_type,
        max(k.account_id) as account_id,
        max(k.user_arn) as user_arn,
        max(k.user_name) as user_name,
        max(k.issuer_type) as issuer_type,
        max(k.issuer_arn) as issuer_arn,
        max(k.issuer_account_id) as issuer_account_id,
        max(k.issuer_user_name) as issuer_user_name,
        max(k.source_identity) as source_identity,
        min(k.least_source_identity) as least_source_identity,
        max(k.ec2_role_delivery) as ec2_role_delivery,
        bool_or(k.assumed_root) as assumed_root,
        bool_or(k.mfa_authenticated) as mfa_authenticated,
        max(k.in_scope_of_issuer_type) as in_scope_of_issuer_type,
        max(k.in_scope_of_issued_to) as in_scope_of_issued_to,
        if(
            max(k.on_behalf_of_user_id) = min(k.least_on_behalf_of_user_id),
            max(k.on_behalf_of_user_id),
            null
        ) as on_behalf_of_user_id,
        max(k.on_behalf_of_identity_store_arn) as on_behalf_of_identity_store_arn,
        bool_and(k.only_forwarded) as only_forwarded,
        bool_or(k.from_console) as from_console,
        bool_or(k.beyond_root_tasks) as beyond_root_tasks,
        list_sort(
            list(distinct k.access_key_id) filter (k.access_key_id is not null)
        ) as access_key_ids,
        min(k.first_seen) as first_seen,
        max(k.last_seen) as last_seen,
        sum(k.event_count)::bigint as event_count,
        list_sort(list_distinct(flatten(list(k.source_ips)))) as source_ips
    from session_ids as i
    inner join session_keys as k
        on
            i.principal_id = k.principal_id
            and i.creation_date is not distinct from k.creation_date
            and i.access_key_id is not distinct from k.access_key_id
    group by i.session_id
)

select
    f.*,
    case
        when f.user_type in ('AssumedRole', 'Role')
            then
                coalesce(
                    f.issuer_arn,
                    l.role_arn,
                    regexp_replace(f.user_arn, '^(arn:[^:]*:sts:.*:assumed-role/[^/]+)/.*$', '\1')
                )
        when f.user_type = 'Root' and (f.assumed_root or l.issue_kind = 'root')
            then coalesce(f.user_arn, 'arn:aws:iam::' || f.principal_id || ':root')
    end as role_arn,
    if(
        f.user_type in ('AssumedRole', 'Role') and contains(f.principal_id, ':'),
        substr(f.principal_id, strpos(f.principal_id, ':') + 1),
        null
    ) as session_name,
    coalesce(f.mfa_authenticated, false)
    or f.from_console
    or f.beyond_root_tasks
    or f.only_forwarded
    or f.last_seen > f.session_creation_date + interval 20 minutes
    or coalesce(l.issue_kind in ('console-login', 'session-token'), false) as is_roots_own
from facts as f
left join session_links as l on f.session_id = l.session_id
