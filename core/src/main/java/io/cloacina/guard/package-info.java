// SPDX-License-Identifier: Apache-2.0
/**
 * The trust system of Cloacina Guard: is this package what a trusted key has signed?
 *
 * <h2>Entry points</h2>
 *
 * <ul>
 *   <li>{@link io.cloacina.guard.SecurityConfig} says which store and which organisation;
 *       {@link io.cloacina.guard.PackageSecurity} is the store, open.
 *   <li>{@link io.cloacina.guard.Keys}: who may sign. {@link io.cloacina.guard.Trust}: whose signatures count.
 *       {@link io.cloacina.guard.Packages}: which packages are withdrawn, and which versions are too old.
 *   <li>{@link io.cloacina.guard.Signing} signs; {@link io.cloacina.guard.Verification} verifies, and gives a
 *       {@link io.cloacina.guard.VerifiedCopy} to load. Both work offline, too.
 *   <li>Whatever is wrong is a {@link io.cloacina.guard.crypto.GuardException}; whatever is wrong with a package is a
 *       {@link io.cloacina.guard.verify.Verdict.Refused}.
 * </ul>
 *
 * <h2>Packages</h2>
 *
 * <ul>
 *   <li>{@code crypto}: Ed25519 under one verification rule, SHA-256, sealed keys, PEM. Knows no files and no SQL.
 *   <li>{@code trust}: the nouns as records. {@code internal.trust}: where they are kept;
 *       {@link io.cloacina.guard.internal.trust.TrustStore} asks,
 *       {@link io.cloacina.guard.internal.trust.KeyStore} changes.
 *   <li>{@code verify}: verdicts, the errors by name, and detached signatures. {@code internal.verify}:
 *       {@link io.cloacina.guard.internal.verify.PackageVerifier} and what it reads. Knows no database.
 *   <li>{@code sign}: what signing and changes of keys answer, and signers that have the key elsewhere. {@code internal.sign}:
 *       {@link io.cloacina.guard.internal.sign.KeyManager}, {@link io.cloacina.guard.internal.sign.TrustManager} and
 *       {@link io.cloacina.guard.internal.sign.PackageSigner}.
 *   <li>{@code internal.intake}: {@link io.cloacina.guard.internal.intake.Intake}, what vouches for packages of other
 *       publishers: OpenPGP, signed JARs, lists of hashes. Only the command line has the library for the first two.
 *   <li>{@code audit}: events as JSON lines, made by named methods, sinks, the chain of an audit log and its
 *       verification.
 *   <li>{@code internal.process}, {@code internal.text}, {@code internal.file}: below all others.
 *   <li>{@code internal.store}: {@link io.cloacina.guard.internal.store.JdbiStore}, on PostgreSQL and SQLite.
 *       {@code internal.changes}: what is changed there gets into the audit log.
 *   <li>{@code internal.config}, {@code internal.monitor}, {@code internal.decision}: what the agent stands on. A hook
 *       makes a {@code Load}; {@code Guard} has it copied and hashed in one pass, the verifier reads the detached
 *       signature and asks the store once, the event is written, and only then the {@code Admission} goes back: the
 *       copy to use, or the refusal. {@code TrustMonitor} remembers what was loaded because of a signer and has a
 *       {@code RevocationWatch} report the loss of trust in it.
 *   <li>{@code internal.report}: from an audit log of loads to what has to be done.
 *   <li>{@code cli}: one class for each noun or verb of the command line.
 * </ul>
 *
 * <h2>Direction</h2>
 *
 * {@code text ← crypto ← trust ← {verify, sign, store}}, {@code audit} over {@code trust} and {@code verify},
 * {@code decision} over all, {@code cli}, the agent and this package on top. A test holds this. What the public packages
 * offer is listed in one file that a test compares with the compiled classes; everything below {@code internal} and
 * {@code cli} may change with any release.
 *
 * <h2>Failure rule</h2>
 *
 * What cannot be decided or recorded is refused when signatures are required, and recorded and allowed in audit mode.
 * Nothing that was decided is remembered: a revocation that is committed holds for the next load.
 */
@NullMarked
package io.cloacina.guard;

import org.jspecify.annotations.NullMarked;
