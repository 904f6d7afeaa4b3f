// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.internal.trust.TrustStore.StoredSignature;
import io.cloacina.guard.internal.trust.TrustStore.StoredStatement;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.trust.KeyLimit;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The question of a verification: {@link VerificationSql}, what it is asked with, and what its rows say.
 *
 * <p>JDBI does not run it: it is on the way of every load, also of the first in a fresh JVM, where
 * JDBI and the parser of its named parameters are 520 classes more than the driver needs; and kept prepared with its
 * connection it costs the server no planning.
 */
final class Verification {

    private static final int TRUST = 1;
    private static final int SIGNATURE = 2;
    private static final int STATEMENT = 3;
    private static final int WITHDRAWAL = 4;
    private static final int FLOOR = 5;
    private static final int LIMITS_ARE_THERE = 6;

    // Where the columns are in a row of the answer: to find one by its name takes the drivers longer than to read it.
    private static final int KIND_AT = 1;
    private static final int KEY_FINGERPRINT_AT = 2;
    private static final int CONTENT_AT = 3;
    private static final int MOMENT_AT = 4;
    private static final int ORG_ID_AT = 5;
    private static final int NAME_AT = 6;
    private static final int LIMITED_TO_AT = 7;
    private static final int NOT_AFTER_AT = 8;

    private final Codecs codecs;
    private final UUID orgId;
    private final List<Dated<StoredSignature>> signatures = new ArrayList<>();
    private final List<Dated<StoredStatement>> statements = new ArrayList<>();
    private final Map<String, String> floors = new HashMap<>();
    private @Nullable Withdrawal withdrawal;
    private boolean limitsHaveCome;
    private final Map<Fingerprint, List<Trust>> trust = new HashMap<>();

    private Verification(Codecs codecs, UUID orgId) {
        this.codecs = codecs;
        this.orgId = orgId;
    }

    /** @param at null if the row does not hold a time: what it says about the past is not needed for the verdict */
    private record Dated<T>(
            T row, Fingerprint signer, @Nullable Instant at) implements Comparable<Dated<T>> {

        /** By time, those without last, then by key. */
        @Override
        public int compareTo(Dated<T> other) {
            int order = at == null || other.at == null
                    ? Boolean.compare(at == null, other.at == null)
                    : at.compareTo(other.at);
            return order != 0 ? order : signer.compareTo(other.signer);
        }
    }

    /** A row of trust as it counts: what it says about the key, and whether it is the organisation's own. */
    private record Trust(boolean own, SignerTrust says) {}

    static Answer ask(PooledConnection pooled, Question question) throws SQLException {
        Verification asked = askOnce(pooled, question);
        if (asked.limitsHaveCome) {
            pooled.limitsHaveCome();
            asked = askOnce(pooled, question);
        }
        return asked.answer();
    }

    private static Verification askOnce(PooledConnection pooled, Question question) throws SQLException {
        Verification verification = new Verification(pooled.dialect().codecs(), question.orgId());
        PreparedStatement statement = pooled.question();
        bind(statement, verification.codecs, question);
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                verification.take(row);
            }
        }
        return verification;
    }

    static void bind(PreparedStatement statement, Codecs codecs, Question question) throws SQLException {
        int at = 1;
        for (int i = 0; i < Question.MOST; i++) {
            boolean given = i < question.detachedSigners().size();
            statement.setString(at++, given ? question.detachedSigners().get(i).hex() : null);
        }
        for (int i = 0; i < 2; i++) {
            statement.setString(at++, question.packageHash().hex());
            statement.setBoolean(at++, question.stored());
        }
        for (int i = 0; i < 3; i++) {
            codecs.write(statement, at++, question.orgId());
        }
        statement.setString(at++, question.packageHash().hex());
        codecs.write(statement, at++, question.orgId());
        codecs.write(statement, at++, Withdrawal.EVERY_ORGANISATION);
        codecs.write(statement, at++, question.orgId());
        codecs.write(statement, at++, question.orgId());
        codecs.write(statement, at++, question.orgId());
        statement.setString(
                at++,
                question.packageName().isPresent() ? question.packageName().get() : null);
        codecs.write(statement, at, question.orgId());
    }

    private void take(ResultSet row) throws SQLException {
        switch (row.getInt(KIND_AT)) {
            case WITHDRAWAL -> {
                Instant at = moment(row);
                UUID by = codecs.uuid(row, ORG_ID_AT, "org_id");
                Withdrawal one = new Withdrawal(by, row.getString(NAME_AT), at == null ? Instant.EPOCH : at);
                withdrawal = withdrawal == null || isBefore(one, withdrawal) ? one : withdrawal;
            }
            case FLOOR -> {
                String version = row.getString(LIMITED_TO_AT);
                if (version != null) {
                    floors.put(row.getString(NAME_AT), version);
                }
            }
            case LIMITS_ARE_THERE -> limitsHaveCome = true;
            default -> takeSigned(row);
        }
    }

    /** Whether {@code one} is the one to tell of: the organisation's own, else the oldest. */
    private boolean isBefore(Withdrawal one, Withdrawal other) {
        boolean own = one.orgId().equals(orgId);
        if (own != other.orgId().equals(orgId)) {
            return own;
        }
        int order = one.withdrawnAt().compareTo(other.withdrawnAt());
        return order != 0
                ? order < 0
                : one.orgId().toString().compareTo(other.orgId().toString()) < 0;
    }

    // A row whose fingerprint is none names no key, so it cannot be trusted: it does not count and stops nothing.
    private void takeSigned(ResultSet row) throws SQLException {
        String fingerprint = row.getString(KEY_FINGERPRINT_AT);
        if (!Fingerprint.isValid(fingerprint)) {
            return;
        }
        Fingerprint signer = new Fingerprint(fingerprint);
        switch (row.getInt(KIND_AT)) {
            case TRUST -> {
                List<Trust> rows = trust.get(signer);
                if (rows == null) {
                    rows = new ArrayList<>();
                    trust.put(signer, rows);
                }
                rows.add(trust(signer, row));
            }
            case SIGNATURE ->
                signatures.add(new Dated<>(new StoredSignature(signer, row.getBytes(CONTENT_AT)), signer, moment(row)));
            case STATEMENT ->
                statements.add(new Dated<>(
                        new StoredStatement(signer, row.getBytes(CONTENT_AT), row.getString(NAME_AT)),
                        signer,
                        moment(row)));
            default -> throw new IllegalStateException("a row of no known kind");
        }
    }

    private @Nullable Instant moment(ResultSet row) throws SQLException {
        try {
            return codecs.instantOrNull(row, MOMENT_AT, "moment");
        } catch (SQLException e) {
            if ("22000".equals(e.getSQLState())) {
                return null;
            }
            throw e;
        }
    }

    private Trust trust(Fingerprint signer, ResultSet row) throws SQLException {
        UUID by;
        try {
            by = codecs.uuid(row, ORG_ID_AT, "org_id");
        } catch (SQLException e) {
            return new Trust(false, new SignerTrust.Unusable("the row of trust has no readable organisation"));
        }
        return new Trust(by.equals(orgId), says(signer, by, row));
    }

    private SignerTrust says(Fingerprint signer, UUID by, ResultSet row) throws SQLException {
        String name = row.getString(NAME_AT);
        if (row.getString(MOMENT_AT) != null) {
            Instant revokedAt = moment(row);
            return revokedAt == null
                    ? new SignerTrust.Revoked(name, by, Instant.EPOCH)
                    : new SignerTrust.Revoked(name, by, revokedAt);
        }
        byte[] raw = row.getBytes(CONTENT_AT);
        if (raw.length != Ed25519PublicKey.SIZE_BYTES) {
            return new SignerTrust.Unusable(
                    "the trusted public key of organisation [" + by + "] has [" + raw.length + "] bytes instead of 32");
        }
        if (!Fingerprint.of(raw).equals(signer)) {
            return new SignerTrust.Unusable(
                    "the trusted public key of organisation [" + by + "] does not match its fingerprint");
        }
        @Nullable Instant notAfter;
        try {
            notAfter = codecs.instantOrNull(row, NOT_AFTER_AT, "not_after");
        } catch (SQLException e) {
            if ("22000".equals(e.getSQLState())) {
                return new SignerTrust.Unusable("the limit of organisation [" + by + "] on it has no readable time");
            }
            throw e;
        }
        try {
            return new SignerTrust.Trusted(
                    Ed25519PublicKey.of(raw), name, by, KeyLimit.ofLines(row.getString(LIMITED_TO_AT), notAfter));
        } catch (RejectedKeyException e) {
            return new SignerTrust.Unusable("organisation [" + by + "]: " + e.getMessage());
        }
    }

    // Plain loops: lambdas and streams would be most of the time that the first question of a JVM takes.
    private Answer answer() {
        Map<Fingerprint, SignerTrust> signers = new HashMap<>();
        for (Map.Entry<Fingerprint, List<Trust>> rows : trust.entrySet()) {
            signers.put(rows.getKey(), judge(rows.getValue()));
        }
        return new Answer(inOrder(signatures), inOrder(statements), signers, Optional.ofNullable(withdrawal), floors);
    }

    private static <T> List<T> inOrder(List<Dated<T>> rows) {
        rows.sort(null);
        List<T> ordered = new ArrayList<>(rows.size());
        for (Dated<T> dated : rows) {
            ordered.add(dated.row());
        }
        return ordered;
    }

    /**
     * The organisation's own revocation, else its own trust, else inherited trust, else the best reason against. Its own
     * limit on a key thus wins over what it inherits, as its own revocation does.
     */
    @SuppressWarnings("ReferenceEquality") // each row but that one
    private static SignerTrust judge(List<Trust> rows) {
        Trust best = rows.get(0);
        for (Trust row : rows) {
            if (rank(row) < rank(best)) {
                best = row;
            }
        }
        if (rows.size() == 1 || best.own() || !(best.says() instanceof SignerTrust.Trusted first)) {
            return best.says();
        }
        List<SignerTrust.Trusted> others = new ArrayList<>();
        for (Trust row : rows) {
            if (row != best && row.says() instanceof SignerTrust.Trusted other) {
                others.add(other);
            }
        }
        return first.limit().isNone()
                ? first
                : new SignerTrust.Trusted(first.key(), first.name(), first.trustedBy(), first.limit(), others);
    }

    private static int rank(Trust trust) {
        if (trust.says() instanceof SignerTrust.Revoked) {
            return trust.own() ? 0 : 5;
        }
        if (trust.says() instanceof SignerTrust.Trusted trusted) {
            return trust.own() ? 1 : trusted.limit().isNone() ? 2 : 3;
        }
        return 4;
    }
}
