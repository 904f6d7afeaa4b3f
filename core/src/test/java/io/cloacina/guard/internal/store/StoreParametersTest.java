// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;

class StoreParametersTest {

    private static String refusal(String address) {
        return assertThrows(IllegalArgumentException.class, () -> StoreUrl.parse(address))
                .getMessage();
    }

    @ParameterizedTest
    @CsvSource({
        "sslmod=verify-full, sslmod, sslmode",
        "sslmodes=require, sslmodes, sslmode",
        "SSLMODE=require, SSLMODE, sslmode",
        "sslrootcrt=/x, sslrootcrt, sslrootcert",
        "targetServertype=primary, targetServertype, targetServerType",
        "prepareTreshold=0, prepareTreshold, prepareThreshold",
    })
    void parse_parameterThatTheDriverDoesNotKnow_isRefusedWithTheNearestName(String pair, String given, String meant) {
        assertEquals(
                "the driver knows no parameter [" + given + "] of a store address; did you mean [" + meant + "]?",
                refusal("postgres://u:p@h/db?" + pair));
        assertEquals(
                refusal("postgres://u:p@h/db?" + pair), refusal("jdbc:postgresql://h/db?user=u&password=p&" + pair));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sslmode=verify",
                "sslmode=",
                "sslmode=VERIFY-FULL",
                "ssl=yes",
                "ssl=",
                "targetServerType=leader",
                "prepareThreshold=five",
                "loadBalanceHosts=1",
                "requireAuth=scram",
                "channelBinding=required",
                "target_session_attrs=writable",
                "keepalives=yes",
                "connect_timeout=5s",
                "gssencmode=no"
            })
    void parse_valueThatTheDriverWouldNotUnderstand_isRefused(String pair) {
        String message = refusal("postgres://u:p@h/db?" + pair);

        assertTrue(message.startsWith("the parameter [" + pair.substring(0, pair.indexOf('='))), message);
    }

    @Test
    void parse_parameterOrCredentialTwice_isRefused() {
        assertTrue(refusal("postgres://u:p@h/db?sslmode=verify-full&sslmode=disable")
                .contains("twice"));
        assertTrue(refusal("postgres://u:p@h/db?user=v").contains("twice"));
        assertTrue(refusal("postgres://u:p@h/db?dbname=other").contains("twice"));
        assertTrue(refusal("postgres://u:p@h/db?target_session_attrs=any&targetServerType=primary")
                .contains("twice"));
    }

    @Test
    void parse_everyParameterOfTheDriver_isKnownWithItsUsualValue() {
        for (PGProperty property : PGProperty.values()) {
            String value = property.getDefaultValue();
            if (value == null) {
                value = property.getChoices() != null ? property.getChoices()[0] : "true";
            }
            if (!value.isEmpty()) {
                String pair = property.getName() + "="
                        + java.net.URLEncoder.encode(value, java.nio.charset.StandardCharsets.UTF_8);
                assertEquals(
                        value,
                        StoreUrl.parse("postgres://h/?" + pair).parameters().get(property.getName()),
                        pair);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "application_name=x, ApplicationName, x",
        "target_session_attrs=read-write, targetServerType, primary",
        "target_session_attrs=prefer-standby, targetServerType, preferSecondary",
        "channel_binding=require, channelBinding, require",
        "gssencmode=disable, gssEncMode, disable",
        "keepalives=1, tcpKeepAlive, true",
        "load_balance_hosts=random, loadBalanceHosts, true",
        "keepalives_idle=30&sslmode=require, sslmode, require",
    })
    void parse_whatLibpqCallsOtherwise_isTranslated(String pairs, String name, String value) {
        assertEquals(
                value, StoreUrl.parse("postgres://h/db?" + pairs).parameters().get(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mode=rwc&_journal_mode=WAL",
                "journal_mode=wal",
                "busy_timeout=5000",
                "_busy_timeout=5000",
                "cache=shared&immutable=1",
                "foreign_keys=on",
                "synchronous=NORMAL",
                "synchronous=2",
                "vfs=unix"
            })
    void parse_parameterOfSqlite_isKnown(String parameters) {
        assertEquals(
                "sqlite:///x.db", StoreUrl.parse("sqlite:///x.db?" + parameters).toString());
        assertEquals(
                "sqlite:///x.db",
                StoreUrl.parse("jdbc:sqlite:/x.db?" + parameters).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mod=ro",
                "mode=readonly",
                "mode=memory",
                "journal_mod=WAL",
                "journal_mode=WALL",
                "busy_timeout=5s",
                "password=hunter2",
                "synchronous=SOMETIMES",
                "mode"
            })
    void parse_parameterThatSqliteDoesNotKnow_isRefused(String parameters) {
        String message = refusal("sqlite:///x.db?" + parameters);

        assertFalse(message.contains("hunter2"), message);
        assertTrue(message.contains("parameter"), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://u:1?hunter2=x@h/db",
                "postgres://u:1?hunter2@h/db",
                "postgres://u:1/hunter2@h",
                "jdbc:postgresql:u:hunter2@h",
                "jdbc:postgresql://h/u:hunter2@db",
                "postgres://h/db?sslmode=hunter2@x",
            })
    void parse_passwordThatWasNotEncoded_isNotShown(String address) {
        String message = refusal(address);

        assertFalse(message.contains("hunter2"), message);
    }
}
