// SPDX-License-Identifier: Apache-2.0
/**
 * The trust system of Cloacina Guard: is this package what a trusted key has signed?
 *
 * <h2>Parts</h2>
 *
 * <ul>
 *   <li>{@code input}: what people and configuration give as text: what of it may be shown, which file and which word
 *       is meant. Below all other parts.
 *   <li>{@code crypto}: Ed25519 under one verification rule, SHA-256, sealed keys, PEM. Knows no files and no SQL.
 *   <li>{@code trust}: the nouns as records, and two entry points to where they are kept:
 *       {@link io.cloacina.guard.trust.TrustStore} asks, {@link io.cloacina.guard.trust.KeyStore} changes.
 *   <li>{@code verify}: {@link io.cloacina.guard.verify.PackageVerifier} and what it reads: files, directories,
 *       detached signatures. Knows no database.
 *   <li>{@code sign}: {@link io.cloacina.guard.sign.KeyManager} and {@link io.cloacina.guard.sign.PackageSigner}.
 *   <li>{@code store}: {@link io.cloacina.guard.store.JdbiStore}, on PostgreSQL and SQLite.
 *   <li>{@code audit}: events as JSON lines, sinks, the chain of a record and its check. Knows {@code crypto} alone.
 *   <li>{@code report}: from a record of loads to what has to be done. Knows the events' format, and {@code audit}
 *       alone.
 *   <li>{@code cli}: one class for each noun or verb of the command line.
 *   <li>here: {@link io.cloacina.guard.Guard}, the entry point for loads, and {@link io.cloacina.guard.GuardConfig};
 *       and below all parts {@link io.cloacina.guard.GuardThreads}, by which each of them makes its threads.
 * </ul>
 *
 * <h2>Direction</h2>
 *
 * {@code crypto ← trust ← verify ← sign}, {@code trust ← store}, {@code crypto ← audit ← report}; {@code Guard}
 * composes verification, a store and the audit log, and takes from {@code report} how commands are shown; {@code cli}
 * uses all of them. A test holds this. The agent module stands on {@code Guard}.
 *
 * <h2>The way of one load</h2>
 *
 * A hook makes a {@link io.cloacina.guard.Load} of it; {@link io.cloacina.guard.Guard} has it copied and hashed in one
 * pass, the verifier reads the detached signature and asks the store once, the event is written, and only then the
 * {@link io.cloacina.guard.Admission} goes back: the copy to use, or the refusal.
 *
 * <h2>What runs already</h2>
 *
 * {@code Running} remembers what was loaded because of a signer, by name only, and from the first such package on has a
 * {@code RevocationWatch} report the loss of trust in a signer: on one thread, woken by the store or by the clock. It
 * decides nothing.
 *
 * <p>How it goes can be seen: {@link io.cloacina.guard.GuardStatus} on request, each decision by a
 * {@link io.cloacina.guard.DecisionObserver}.
 *
 * <h2>Failure rule</h2>
 *
 * What cannot be decided or recorded is refused when signatures are required, and recorded and allowed in audit mode.
 * Nothing that was decided is remembered: a revocation that is committed holds for the next load.
 */
package io.cloacina.guard;
