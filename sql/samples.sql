-- Sample RFQs, inserted as an application would, with plain SQL. `rfqflow demo` runs this file.

insert into public.rfq_requests (name, email, company, phone, source_ip, message, metadata) values
  ('Ines Varga', 'ines@brightwell-pumps.example', 'Brightwell Pumps', '+44 20 7946 0111', '192.0.2.10',
   'Please quote 250 pcs impeller housings, drawing BP-2207 rev C, cast iron EN-GJL-250, machined, Ra 1.6 on the sealing face. EN 10204 3.1 certificates required. Delivery DAP Leeds by 14 May 2027.', '{}'),
  ('Jonas Keller', 'keller@nordlicht-anlagen.example', 'Nordlicht Anlagenbau', '+49 30 555 0123', '192.0.2.11',
   E'Sehr geehrte Damen und Herren,\nwir bitten um ein Angebot über\n- 12 Stück Niederspannungs-Schaltschränke, IP54\n- 1.200 m Kabel NYY-J 5x16\nLiefertermin: 3. Mai 2027 nach Rostock. Stückliste liegt bei.', '{}'),
  ('Amélie Fournier', 'a.fournier@chantier-est.example', 'Chantier Est', null, '192.0.2.12',
   'Bonjour, merci de nous chiffrer 38 m³ de béton C25/30 livré à Metz, ainsi que 210 m de clôture grillagée hauteur 2 m. Réponse souhaitée avant le 20 février 2027.', '{}'),
  ('Priya Raman', 'priya@harbourline.example', 'Harbourline Foods', '+1-202-555-0143', '198.51.100.7',
   '2 x 40HC Chennai to Rotterdam, FOB, cargo ready 2 April 2027, frozen prawns at -18 C, 44 tonnes gross in total. Please include insurance and customs clearance.', '{}'),
  ('Tomás Ibarra', 'tomas@aguaclara.example', 'Agua Clara S.A.', null, '198.51.100.8',
   'Necesitamos cotización de una planta de ósmosis inversa de 50 m³/h con dosificación química, bombas y tuberías en AISI 316L. Puesta en marcha incluida. Entrega en Sevilla antes del 30/09/2027.', '{}'),
  ('Marta Nowak', 'marta@zaklad-tk.example', 'Zakład TK', '+48 22 555 01 01', '198.51.100.9',
   'Prosimy o ofertę na modernizację sterowania linii pakującej: 2 szt. sterownik PLC, 4 szt. panel HMI, uruchomienie i szkolenie. Pilne, linia stoi!', '{}'),
  ('Olu Adeyemi', 'olu@steelyard.example', 'Steelyard Trading', null, '203.0.113.20',
   E'RFQ 7781\nItem | Description | Qty | Unit\n1 | Plate S355J2+N 20 mm | 14 | t\n2 | Round bar 42CrMo4 dia 60 | 3.5 | t\n3 | Sheet 1.4301 2 mm | 120 | pcs\nMill certificates 3.1, delivery Antwerp, end of March.', '{}'),
  ('Helen Brandt', 'helen@citylabs.example', 'City Labs', '+44 20 7946 0155', '203.0.113.21',
   'We are looking for a yearly maintenance contract for 18 laboratory air handling units on two sites, four visits a year, 24 h call-out. When could you come for a site visit?', '{}'),
  (null, 'someone@mailbox.example', null, null, '203.0.113.22', 'price for 500 of the usual?', '{}'),
  ('Grace Lim', 'grace@optin.example', 'Lim & Partners', null, '203.0.113.23',
   'Please keep this one away from any AI: we need 40 brass fittings to drawing LP-88.', '{"ai_opt_out": true}');
