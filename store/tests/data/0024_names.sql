insert into user_alias (name, shown, person, hand, since, by) values
('id-9', 'ID-9', '6f0f2f3e-0000-4000-8000-000000000031', '6f0f2f3e-0000-4000-8000-000000000032', '2020-12-01T00:00:00Z', 'tollwarden'),
('ann@example.com', 'ann@example.com', '6f0f2f3e-0000-4000-8000-000000000031', '6f0f2f3e-0000-4000-8000-000000000033', '2020-12-01T00:00:00Z', 'tollwarden');
