-- Every draw is a hash of (whose, what is drawn), hashed again since the first combines both too simply.
create or replace macro draw(i, what) as (hash(hash(i, what)) >> 11)::double / 9007199254740992.0;
create or replace macro pick(i, what, choices) as choices[1 + floor(draw(i, what) * len(choices))::bigint];
create or replace macro days(n) as to_microseconds((n * 86400)::bigint * 1000000);
