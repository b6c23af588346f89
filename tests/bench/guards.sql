-- The texts of the corpus in turn, each made its own by a number.
create function bench.fill_corpus(p_rows integer)
returns void
language sql
as $$
  insert into public.rfq_requests (name, email, company, message)
  select 'A. Buyer', 'buyer' || g || '@example.com', 'Example Works', c.message || e'\n\n' || g
  from generate_series(1, p_rows) g
  join bench.corpus c on c.number = g % (select count(*) from bench.corpus);
$$;
