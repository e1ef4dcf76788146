-- What a key may do: whose events it writes, what its events are believed, how often it asks.

alter table api_key
    -- Sources whose events it may write besides that of its own name; null: any.
    add column writes text[] default '{}',
    add column counts boolean not null default false, -- its sends and costs count for limits and caps
    add column names boolean not null default false,  -- its pairs of names are one user
    add column rate integer not null default 500;     -- requests a second

-- Keys made before keep what they could: no event says which key wrote it, so they may write any
-- source; and whoever could read could ask for a user's block and for the metrics.
update api_key
set writes = null, counts = true, names = true, rate = 100000,
    scopes = case when 'read' = any(scopes) then scopes || '{blocks:read,metrics}'::text[]
        else scopes end;
