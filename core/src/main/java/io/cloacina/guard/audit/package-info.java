// SPDX-License-Identifier: Apache-2.0
/**
 * What happened, as one JSON object a line: written so that nothing is lost unnoticed, and checked afterwards.
 *
 * <p>{@link io.cloacina.guard.audit.AuditEvent} is an event; {@link io.cloacina.guard.audit.AuditLog} stamps it, bounds
 * it and has it written to every {@link io.cloacina.guard.audit.AuditSink}, each driven by a thread of its own
 * ({@code SinkWriter}), so that one that blocks delays no caller for longer than {@code cloacina.audit_timeout}.
 * {@link io.cloacina.guard.internal.text.JsonLine} is the one encoder, also of what the command line prints with
 * {@code --json}.
 *
 * <p>Sinks: {@code StreamSink} (standard output and error, pipes, devices), {@code ChainedFile} (a file whose lines
 * form a chain, with rotation, for several processes), {@code SyslogUdp} and {@code SyslogTcp} (RFC 5424 over RFC 5426
 * and RFC 6587), {@code LogbackSink} (any appender of Logback, in a Logback of its own). {@code ChainLink} is what
 * binds a line to the one before; {@link io.cloacina.guard.audit.ChainVerifier} checks it, and {@link
 * io.cloacina.guard.audit.Checkpoint} is a signed statement of how far an audit log has come.
 *
 * <h2>Written or not</h2>
 *
 * A load counts as recorded when every configured sink has taken its event: where signatures are required, one that
 * does not is a refusal ({@code audit_unavailable}). A file has taken it when the operating system has (it is not
 * forced to the disk), syslog when the network has: UDP and RFC 6587 know no answers. In audit mode the load is
 * allowed. Either way {@code guard.degraded} goes to the sinks that still work, or to standard error, once when a sink
 * gets into trouble and once when it recovers.
 *
 * <h2>Why the chained file is not Logback's</h2>
 *
 * {@code RollingFileAppender} rolls outside any lock in which a chain could be continued, let alone that of another
 * process; {@code SyslogAppender} speaks RFC 3164 over UDP alone; and what goes wrong is reported to a status list, not
 * to the caller. Writing bytes to a file needs no library, no configuration and no class on the way to {@code main}.
 * {@code LogbackSink} reads the status list, so that an event counts as taken only if no appender failed.
 *
 * <p>{@code KeyEvents}, {@code TrustEvents}, {@code PackageEvents}, {@code LoadEvents} and {@code GuardEvents} make the
 * events; nothing else names their fields. They take the nouns of {@code trust} and the verdicts of {@code verify}.
 */
@NullMarked
package io.cloacina.guard.audit;

import org.jspecify.annotations.NullMarked;
