-- What waits stands in the order in which it is worked off: a backlog is not sorted for each turn.
DROP INDEX delivery_waiting;
CREATE INDEX delivery_waiting ON delivery ((COALESCE(settled_at, 0)), received_at, id) WHERE state = 'waiting';
