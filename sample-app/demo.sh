#!/usr/bin/env bash
# Shows what Cloacina Guard does to a plugin host, and checks that it did.
#
# Builds what is missing, makes a key, trusts it and signs with it on an SQLite store in a temporary folder, prepares
# good and bad plugins, runs the same host with the guard enforcing and in audit mode, and prints what came of it.
# Exit status: 0 all as it must be, 1 something was not, 2 usage, 3 the demo could not run.
set -euo pipefail

usage() {
    cat <<'END'
usage: demo.sh [--keep]

  --keep    leave the temporary folder (keys, store, plugins, event files) and say where it is

Needs a JDK from 17 on (JAVA_HOME, else java on PATH), Maven for the first build, and for the
native plugins a C compiler ($CC, else cc). Colour on a terminal, unless NO_COLOR is set.
END
}

keep=no
for argument in "$@"; do
    case $argument in
        --keep) keep=yes ;;
        -h | --help) usage && exit 0 ;;
        *) usage >&2 && exit 2 ;;
    esac
done

# What the guard and its CLI read from the environment would be the user's own settings, not the demo's.
for setting in ${!CLOACINA_@}; do
    unset "$setting"
done

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[1;31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
    bold='' dim='' red='' green='' yellow='' plain=''
fi

# Standard output, also for what is called with its own output going elsewhere.
exec 3>&1

heading() { printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"; }
note() { printf '  %s\n' "$1"; }
die() {
    printf '%sdemo: %s%s\n' "$red" "$1" "$plain" >&2
    exit 3
}

# ---------------------------------------------------------------------------------------- Java and the jars

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cli_jar=$repository/core/target/cloacina.jar
guard_jar=$repository/agent/target/cloacina-guard.jar
host_jar=$repository/sample-app/target/sample-host.jar
plugin_jars=("$repository/sample-app/target/plugin-"{butler,tourist,keeper,pirate}.jar)

find_java() {
    if [[ -n ${JAVA_HOME:-} ]]; then
        java=$JAVA_HOME/bin/java
        [[ -x $java ]] || die "JAVA_HOME is [$JAVA_HOME], but there is no bin/java in it"
    else
        java=$(command -v java) || die "no java: put a JDK from 17 on into JAVA_HOME or on PATH"
    fi
    local settings
    settings=$("$java" -XshowSettings:properties -version 2>&1) || die "[$java] does not run: $settings"
    jdk_home=$(sed -n 's/^ *java\.home = //p' <<<"$settings")
    jdk_version=$(sed -n 's/^ *java\.version = //p' <<<"$settings")
    local feature
    feature=$(sed -n 's/^ *java\.specification\.version = //p' <<<"$settings")
    [[ ${feature%%.*} -ge 17 ]] || die "this is Java $feature; the guard needs 17 or later"
}

# Succeeds when a jar is not there or something it is made of is newer.
is_stale() {
    local jar
    for jar in "$cli_jar" "$guard_jar" "$host_jar" "${plugin_jars[@]}"; do
        [[ -f $jar ]] || return 0
        if [[ -n $(cd "$repository" && find pom.xml .mvn {core,agent,sample-app}/{pom.xml,src} \
            \( -path '*/src/test' -o -path '*/src/main/c' \) -prune -o -type f -newer "$jar" -print -quit) ]]; then
            return 0
        fi
    done
    return 1
}

build_what_is_missing() {
    is_stale || return 0
    command -v mvn >/dev/null || die "the jars are not built and there is no mvn on PATH to build them with"
    printf 'Building (mvn package); the first time this takes a while.\n'
    (cd "$repository" && mvn -q -B -ntp -DskipTests package) || die "the build failed, see above"
    # Maven leaves a jar alone whose sources changed in nothing that counts; the next demo must not build again.
    touch -c "$cli_jar" "$guard_jar" "$host_jar" "${plugin_jars[@]}"
    ! is_stale || die "the build left out a jar, or a source changed meanwhile"
}

# ---------------------------------------------------------------------------------------- the temporary folder

make_folder() {
    umask 077
    work=$(mktemp -d "${TMPDIR:-/tmp}/cloacina-demo.XXXXXX")
    trap clean_up EXIT
    mkdir "$work/plugins"
    store=sqlite://$work/trust.db
}

clean_up() {
    if [[ $keep == yes ]]; then
        printf '\nKept: %s\n' "$work" >&3
    else
        rm -rf "$work"
    fi
}

# ---------------------------------------------------------------------------------------- keys, trust, signatures

release_org=6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40
stranger_org=e0b9a4f2-7c11-4f6d-8a55-3d2c1b0a9f8e

# cloacina ORG ARGUMENT...: one command of the CLI, shown to the reader; its results on standard output, its words in
# cli.log.
cloacina() {
    local org=$1 shown_org=''
    shift
    [[ $org == "$release_org" ]] || shown_org="--org ${org:0:8}... "
    printf '  %s$ cloacina %s%s%s\n' "$dim" "$shown_org" "$*" "$plain" >&3
    (
        cd "$work/plugins"
        "$java" -jar "$cli_jar" --store "$store" --org "$org" --kek-file "$work/kek" \
            --audit "file:$work/cli-events.jsonl" "$@" 2>>"$work/cli.log"
    ) || {
        local status=$?
        cat "$work/cli.log" >&2
        die "cloacina $1 ended with status $status"
    }
}

make_keys_and_trust() {
    note 'cloacina stands for: java -jar cloacina.jar --store sqlite://... --org ... --kek-file kek'
    head -c 32 /dev/urandom | base64 >"$work/kek"
    cloacina "$release_org" key create release >>"$work/cli.log"
    cloacina "$release_org" key export release >"$work/release.pem"
    cloacina "$release_org" trust add ../release.pem --name release >>"$work/cli.log"
    cloacina "$stranger_org" key create stranger >>"$work/cli.log"
}

# One row for each plugin: file | what was done to it | what the guard must say of it ("-": load it).
rows=()
signed_by_release=()

# plugin FILE SIGNED-BY WHAT-WAS-DONE REASON
plugin() {
    rows+=("$1|$3|$4")
    if [[ $2 == release ]]; then
        signed_by_release+=("$1")
    fi
}

put_plugins_in_place() {
    local jar
    for jar in "${plugin_jars[@]}"; do
        cp "$jar" "$work/plugins/${jar##*/plugin-}"
    done
    plugin butler.jar release 'signed with the release key' -
    plugin tourist.jar nobody 'never signed' signature_not_found
    plugin keeper.jar release 'signed, then one byte changed' tampered_package
    plugin pirate.jar stranger 'signed by a stranger' untrusted_signer

    native_extension=so
    compile_native_plugins || return 0
    plugin "native-butler.$native_extension" release 'signed with the release key' -
    plugin "native-tourist.$native_extension" nobody 'never signed' signature_not_found
    # On macOS the system itself kills a process that runs a changed library.
    if [[ $native_extension == so ]]; then
        plugin native-keeper.so release 'signed, then one byte changed' tampered_package
    else
        rm "$work/plugins/native-keeper.$native_extension"
    fi
}

compile_native_plugins() {
    local compiler=${CC:-cc} headers=$jdk_home/include platform=linux
    if [[ $(uname -s) == Darwin ]]; then
        platform=darwin native_extension=dylib
    fi
    if ! command -v "$compiler" >/dev/null; then
        note "There is no C compiler ($compiler) here: the demo goes on without native plugins."
        return 1
    fi
    if [[ ! -f $headers/jni.h || ! -f $headers/$platform/jni_md.h ]]; then
        note "This JDK has no include/jni.h for $platform: the demo goes on without native plugins."
        return 1
    fi
    compile() {
        "$compiler" -Wall -Wextra -O2 -shared -fPIC -I"$headers" -I"$headers/$platform" "-DGREETING=\"$2\"" \
            -o "$work/plugins/$1.$native_extension" "$repository/sample-app/src/main/c/greeting.c" \
            >>"$work/cc.log" 2>&1
    }
    if ! { compile native-butler 'Dinner is ready' && compile native-tourist 'Is this the station' &&
        compile native-keeper 'Your files are fine'; }; then
        note "$compiler could not compile the native plugins: the demo goes on without them."
        head -n 3 "$work/cc.log" | cut -c 1-96 | sed 's/^/    /'
        rm -f "$work/plugins"/native-*
        return 1
    fi
}

sign_plugins() {
    cloacina "$release_org" sign "${signed_by_release[@]}" --key release >>"$work/cli.log"
    cloacina "$stranger_org" sign pirate.jar --key stranger >>"$work/cli.log"
    local file
    for file in "${signed_by_release[@]}"; do
        case $file in
            *keeper*) change_one_byte "$work/plugins/$file" ;;
        esac
    done
    note "Then one byte of every keeper is changed: \"Your files are fine\" becomes \"Your files are mine\"."
}

change_one_byte() {
    local place
    place=$(LC_ALL=C grep -abo 'are fine' "$1") || die "[$1] does not hold the words that the demo changes"
    printf m | dd of="$1" bs=1 seek=$((${place%%:*} + 4)) conv=notrunc 2>>"$work/cli.log"
}

# ---------------------------------------------------------------------------------------- the two runs

# run_host NAME REQUIRE_SIGNATURES
run_host() {
    "$java" "-javaagent:$guard_jar" \
        "-Dcloacina.require_signatures=$2" \
        "-Dcloacina.database_url=$store" \
        "-Dcloacina.verification_org_id=$release_org" \
        "-Dcloacina.audit=file:$work/$1.jsonl" \
        -jar "$host_jar" "$work/plugins" >"$work/$1.out" 2>"$work/$1.err" || {
        local status=$?
        cat "$work/$1.out" "$work/$1.err" >&2
        die "the host ended with status $status ($1)"
    }
    read_events "$work/$1.jsonl" timestamp event_type package_path signature_verified failure_reason \
        signer_fingerprint mode verified refused >"$work/$1.events"
}

# read_events FILE FIELD...: a line for each event, tabs between the fields, "-" for what an event does not have.
read_events() {
    "$java" -cp "$host_jar" io.cloacina.guard.sample.events.EventFields "$@" || die "[$1] cannot be read"
}

# said RUN PLUGIN: what the host printed for the plugin, for example "loaded   Good day, Ada."
said() {
    awk -v plugin="$2" '$1 == plugin { sub(/^[^ ]+ +/, ""); print }' "$work/$1.out"
}

# count_events RUN PLUGIN TYPE VERIFIED REASON SIGNER: how many such events there are; "*" is any value.
count_events() {
    awk -F '\t' -v plugin="$2" -v type="$3" -v verified="$4" -v reason="$5" -v signer="$6" '
        function fits(wanted, value) { return wanted == "*" || wanted == value }
        {
            file = $3
            sub(/.*\//, "", file)
            if (fits(plugin, file) && fits(type, $2) && fits(verified, $4) && fits(reason, $5) && fits(signer, $6)) n++
        }
        END { print n + 0 }' "$work/$1.events"
}

# ---------------------------------------------------------------------------------------- what came of it

# padded WIDTH COLOUR TEXT
padded() { printf '%s%-*s%s' "$2" "$1" "$3" "$plain"; }

print_table() {
    local row file done_to_it reason state
    printf '  %s%-18s %-30s %-29s %s%s\n' "$bold" plugin 'what was done to it' enforcing 'audit mode' "$plain"
    for row in "${rows[@]}"; do
        IFS='|' read -r file done_to_it reason <<<"$row"
        printf '  %-18s %-30s ' "$file" "$done_to_it"
        state=$(said enforcing "$file")
        case $state in
            loaded*) padded 29 "$green" loaded ;;
            refused*) padded 29 "$red" "REFUSED  $(reason_for enforcing "$file")" ;;
            *) padded 29 "$yellow" "${state%% *}" ;;
        esac
        state=$(said audit "$file")
        case $state in
            loaded*)
                if [[ $(count_events audit "$file" package.load.success true '*' '*') -gt 0 ]]; then
                    padded 0 "$green" ' loaded'
                else
                    padded 0 "$yellow" ' loaded, on record'
                fi
                ;;
            *) padded 0 "$red" " ${state%% *}" ;;
        esac
        printf '\n'
    done
}

# reason_for RUN PLUGIN: the reason in the event of the refusal.
reason_for() {
    awk -F '\t' -v plugin="$2" '
        { file = $3; sub(/.*\//, "", file) }
        file == plugin && $2 == "package.load.failure" { print $5; exit }' "$work/$1.events"
}

print_what_ran() {
    printf '\n'
    note "Audit mode let the changed one run, and it said: $(said audit keeper.jar | sed 's/^loaded *//')"
    note 'Enforcing, the host was told about it:'
    said enforcing keeper.jar | sed 's/^refused *//' | fold -s -w 92 | sed 's/^/      /; s/ *$//'
}

# print_events RUN TITLE
print_events() {
    local time type path verified reason signer mode good bad colour
    printf '  %s%-15s  %-20s  %-18s  %-22s  %s%s\n' "$bold" "$2" event package verdict signer "$plain"
    while IFS=$'\t' read -r time type path verified reason signer mode good bad; do
        time=${time#*T}
        case $type:$verified in
            *.failure:* | *.degraded:*) colour=$red ;;
            package.load.success:true) colour=$green reason=verified ;;
            package.load.success:*) colour=$yellow ;;
            guard.stopped:*) colour=$dim reason="$good verified, $bad refused" ;;
            *) colour=$dim reason=$mode ;;
        esac
        path=${path##*/}
        printf '  %-15s  %-20s  %-18s  ' "${time%Z}" "$type" "${path#-}"
        if [[ $signer == - ]]; then
            padded 0 "$colour" "${reason#-}"
            printf '\n'
        else
            padded 22 "$colour" "$reason"
            printf '  %.12s\n' "$signer"
        fi
    done <"$work/$1.events"
}

# ---------------------------------------------------------------------------------------- is it as it must be?

problems=()

# must PROBLEM COMMAND...: remembers the problem when the command fails.
must() {
    local problem=$1
    shift
    "$@" || problems+=("$problem")
}

check_outcome() {
    local row file done_to_it reason run
    for row in "${rows[@]}"; do
        IFS='|' read -r file done_to_it reason <<<"$row"
        must "$file ($done_to_it) did not load in audit mode: $(said audit "$file")" is loaded "$(said audit "$file")"
        if [[ $reason == - ]]; then
            must "$file ($done_to_it) did not load under the enforcing guard: $(said enforcing "$file")" \
                is loaded "$(said enforcing "$file")"
            for run in enforcing audit; do
                must "$run: no package.load.success, verified and by the release key, for $file" \
                    some "$run" "$file" package.load.success true '*' "$release_fingerprint"
                must "$run: a package.load.failure for $file" none "$run" "$file" package.load.failure '*' '*' '*'
            done
        else
            must "$file ($done_to_it) was not refused by the enforcing guard: $(said enforcing "$file")" \
                is refused "$(said enforcing "$file")"
            must "enforcing: no package.load.failure with $reason for $file" \
                some enforcing "$file" package.load.failure '*' "$reason" '*'
            must "enforcing: a package.load.success for $file" none enforcing "$file" package.load.success '*' '*' '*'
            must "audit: no package.load.success, unverified and with $reason, for $file" \
                some audit "$file" package.load.success false "$reason" '*'
        fi
    done
    for run in enforcing audit; do
        must "$run: no guard.started event" some "$run" '*' guard.started '*' '*' '*'
        must "$run: a guard.degraded event" none "$run" '*' guard.degraded '*' '*' '*'
    done
}

is() { [[ $2 == "$1 "* ]]; }
some() { [[ $(count_events "$@") -gt 0 ]]; }
none() { [[ $(count_events "$@") -eq 0 ]]; }

# ---------------------------------------------------------------------------------------- the demo

find_java
build_what_is_missing
make_folder
SECONDS=0

printf '%sCloacina Guard%s  on Java %s, %s\n' "$bold" "$plain" "$jdk_version" "$(uname -sm)"

heading '1  A key, trust, signatures'
put_plugins_in_place
make_keys_and_trust
sign_plugins
fingerprints=$(read_events "$work/cli-events.jsonl" event_type key_name key_fingerprint)
release_fingerprint=$(awk -F '\t' '$1 == "key.signing.created" && $2 == "release" { print $3 }' <<<"$fingerprints")
stranger_fingerprint=$(awk -F '\t' '$1 == "key.signing.created" && $2 == "stranger" { print $3 }' <<<"$fingerprints")
note "The release key is ${release_fingerprint:0:12}, the stranger's ${stranger_fingerprint:0:12}."

heading '2  The same host, the same plugins, two runs'
note "$dim\$ java -javaagent:cloacina-guard.jar -Dcloacina.require_signatures=true ... -jar sample-host.jar$plain"
printf '\n'
run_host enforcing true
run_host audit false
print_table
print_what_ran

heading '3  The events, written before the host learned of each verdict (times are UTC)'
print_events enforcing enforcing
printf '\n'
print_events audit 'audit mode'

check_outcome
printf '\n'
if [[ ${#problems[@]} -gt 0 ]]; then
    printf '%sNot as it must be:%s\n' "$red" "$plain" >&2
    printf '  %s\n' "${problems[@]}" >&2
    exit 1
fi
printf '%sAll as it must be%s: %d plugins, two runs, every event there. %d seconds.\n' \
    "$green" "$plain" "${#rows[@]}" "$SECONDS"
