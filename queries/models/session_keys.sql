-- Every access key (or none) seen in each session, with all that the records say of its wearer.
-- grain: one row per principal id, creation date and access key
-- reads: session_key_parts
select
    principal_id,
    creation_date,
    access_key_id,
    session_date,
    max(user_type) as user_type,
    max(account_id) as account_id,
    max(user_arn) as user_arn,
    max(user_name) as user_name,
    max(issuer_type) as issuer_type,
    max(issuer_arn) as issuer_arn,
    max(issuer_account_id) as issuer_account_id,
    max(issuer_user_name) as issuer_user_name,
    max(source_identity) as source_identity,
    min(least_source_identity) as least_source_identity,
    max(ec2_role_delivery) as ec2_role_delivery,
    bool_or(assumed_root) as assumed_root,
    bool_or(mfa_authenticated) as mfa_authenticated,
    max(in_scope_of_issuer_type) as in_scope_of_issuer_type,
    max(in_scope_of_issued_to) as in_scope_of_issued_to,
    max(on_behalf_of_user_id) as on_behalf_of_user_id,
    min(least_on_behalf_of_user_id) as least_on_behalf_of_user_id,
    max(on_behalf_of_identity_store_arn) as on_behalf_of_identity_store_arn,
    max(sign_in_session_arn) as sign_in_session_arn,
    bool_and(only_forwarded) as only_forwarded,
    bool_or(from_console) as from_console,
    bool_or(asked_signin_token) as asked_signin_token,
    bool_or(beyond_root_tasks) as beyond_root_tasks,
    min(first_seen) as first_seen,
    max(last_seen) as last_seen,
    sum(event_count)::bigint as event_count,
    list_sort(list_distinct(flatten(list(source_ips)))) as source_ips
from session_key_parts
group by principal_id, creation_date, access_key_id, session_date
