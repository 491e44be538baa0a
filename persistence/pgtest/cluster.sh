# The whole life of one throw-away cluster in $DIR. The test process holds the other end of our input: whichever way it
# ends (done, panic, time limit, kill -9), the kernel closes that end, read returns, and the cluster goes with it.
# $BIN holds the programs. A line "keep" stops the server and leaves its data for a later start.
set -eu
trap '' PIPE

if [ ! -d "$DIR/data" ]; then
	# --no-sync is about these first files only; the server itself runs with fsync on.
	"$BIN/initdb" --pgdata="$DIR/data" --username=postgres --auth=trust --encoding=UTF8 --no-locale --no-sync
	cat >>"$DIR/data/postgresql.conf" <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$DIR'
		port = 5432
		max_connections = 200
		fsync = on
		dynamic_shared_memory_type = mmap
	CONF
fi >>"$DIR/log" 2>&1

"$BIN/pg_ctl" start --wait --pgdata="$DIR/data" --log="$DIR/log" >>"$DIR/log" 2>&1 </dev/null
echo ready || true

word=
read -r word || true
"$BIN/pg_ctl" stop --wait --pgdata="$DIR/data" --mode=immediate >>"$DIR/log" 2>&1 || true
[ "$word" = keep ] || rm -rf "$DIR"
