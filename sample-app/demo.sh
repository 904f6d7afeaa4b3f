#!/usr/bin/env bash
# Shows what Cloacina Guard does to a plugin host, and checks that it did: builds what is missing and starts the demo,
# src/main/java/io/cloacina/guard/sample/demo/Demo.java.
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

options=()
for argument in "$@"; do
    case $argument in
        --keep) options+=(--keep) ;;
        -h | --help) usage && exit 0 ;;
        *) usage >&2 && exit 2 ;;
    esac
done
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    options+=(--colour)
fi

# What the guard and its library read from the environment would be the user's own settings, not the demo's.
for setting in ${!CLOACINA_@}; do
    unset "$setting"
done

die() {
    printf 'demo: %s\n' "$1" >&2
    exit 3
}

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
library=$repository/core/target/cloacina.jar
classes=$repository/sample-app/target/classes
jars=("$library" "$repository/agent/target/cloacina-guard.jar" "$repository/sample-app/target/sample-host.jar"
    "$repository/sample-app/target/plugin-"{butler,tourist,keeper,pirate}.jar)

find_java() {
    if [[ -n ${JAVA_HOME:-} ]]; then
        java=$JAVA_HOME/bin/java
        [[ -x $java ]] || die "JAVA_HOME is [$JAVA_HOME], but there is no bin/java in it"
    else
        java=$(command -v java) || die "no java: put a JDK from 17 on into JAVA_HOME or on PATH"
    fi
    local settings feature
    settings=$("$java" -XshowSettings:properties -version 2>&1) || die "[$java] does not run: $settings"
    feature=$(sed -n 's/^ *java\.specification\.version = //p' <<<"$settings")
    [[ ${feature%%.*} -ge 17 ]] || die "this is Java $feature; the guard needs 17 or later"
}

# Succeeds when a jar or the demo is not there or something it is made of is newer.
is_stale() {
    local jar
    [[ -f $classes/io/cloacina/guard/sample/demo/Demo.class ]] || return 0
    for jar in "${jars[@]}"; do
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
    touch -c "${jars[@]}"
    ! is_stale || die "the build left out a jar, or a source changed meanwhile"
}

find_java
build_what_is_missing
umask 077
exec "$java" --enable-native-access=ALL-UNNAMED "-Djava.io.tmpdir=${TMPDIR:-/tmp}" \
    -cp "$library:$classes" io.cloacina.guard.sample.demo.Demo \
    ${options[@]+"${options[@]}"} "$repository"
