/**
 * What happened, as one JSON object a line.
 *
 * <p>{@link io.cloacina.guard.audit.AuditEvent} is an event, {@link io.cloacina.guard.audit.AuditLog} stamps, encodes
 * and writes it to every {@link io.cloacina.guard.audit.AuditSink}. Depends on nothing else of the guard.
 */
package io.cloacina.guard.audit;
