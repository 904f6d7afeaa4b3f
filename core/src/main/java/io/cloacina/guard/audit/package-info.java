/**
 * What happened, as one JSON object a line.
 *
 * <p>{@link io.cloacina.guard.audit.AuditEvent} is an event, {@link io.cloacina.guard.audit.AuditLog} stamps it and writes
 * it to every {@link io.cloacina.guard.audit.AuditSink}; {@link io.cloacina.guard.audit.JsonLine} is the one encoder, also
 * of what the command line prints with {@code --json}. Depends on nothing else of the guard.
 */
package io.cloacina.guard.audit;
