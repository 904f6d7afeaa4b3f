// SPDX-License-Identifier: Apache-2.0
/**
 * The trust store in a database: four tables that the reference has too, on PostgreSQL or SQLite, through JDBI.
 *
 * <p>{@link io.cloacina.guard.internal.store.JdbiStore} is the entry point; {@link io.cloacina.guard.internal.store.StoreUrl} reads
 * addresses. Every use of a database runs on a daemon thread of the store, which owns its connection; the caller waits
 * there with a limit and cannot be kept longer by anything: a connect, a name look-up, a lock or a query. What differs
 * between the databases stands in {@code Dialect}, {@code Codecs} and the two {@code Connector}s, of which only the one
 * in use is ever loaded.
 *
 * <p>A {@link io.cloacina.guard.internal.trust.TrustWatch} tells when trust may have changed: {@code PostgresWatch} listens for
 * what the triggers of {@code Announcements} send, {@code SqliteWatch} looks at the file. It works on its caller's
 * thread.
 *
 * <p>JDBI runs everything but the question of a verification, which is on the way of every load: {@code Verification}
 * has its one statement kept prepared by the {@code PooledConnection}, and JDBI is not even loaded for it.
 *
 * <p>No driver is asked for through the JVM's list of drivers; an address never reaches a message with its password.
 */
@NullMarked
package io.cloacina.guard.internal.store;

import org.jspecify.annotations.NullMarked;
