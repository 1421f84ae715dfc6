package org.amverdict.nfqueue.ffi;

import jnr.ffi.types.size_t;

/**
 * The part of libnetfilter_queue (libnetfilter_queue/libnetfilter_queue.h) that opens and closes a queue. Get the
 * instance from {@link NativeLibraries#libNetfilterQueue()}. A handle belongs to one thread at a time.
 *
 * <p>Each call except {@code nfq_fd} sends a message and reads the socket until the kernel's acknowledgment; a packet
 * before it is read and discarded. So use none of them once packets can arrive. Verdicts and packets bypass the
 * library.
 */
public interface LibNetfilterQueue {
    // struct nfq_handle *nfq_open(void)
    @size_t
    long nfq_open();

    // int nfq_close(struct nfq_handle *h)
    int nfq_close(@size_t long handle);

    // struct nfq_q_handle *nfq_create_queue(struct nfq_handle *h, uint16_t num, nfq_callback *cb, void *data)
    @size_t
    long nfq_create_queue(@size_t long handle, int queue, @size_t long callback, @size_t long data);

    // int nfq_destroy_queue(struct nfq_q_handle *qh)
    int nfq_destroy_queue(@size_t long queueHandle);

    // int nfq_set_mode(struct nfq_q_handle *qh, uint8_t mode, unsigned int len)
    int nfq_set_mode(@size_t long queueHandle, int mode, int copyRangeBytes);

    // int nfq_set_queue_flags(struct nfq_q_handle *qh, uint32_t mask, uint32_t flags)
    int nfq_set_queue_flags(@size_t long queueHandle, int mask, int flags);

    // int nfq_set_queue_maxlen(struct nfq_q_handle *qh, uint32_t queuelen)
    int nfq_set_queue_maxlen(@size_t long queueHandle, int packets);

    // int nfq_fd(struct nfq_handle *h)
    int nfq_fd(@size_t long handle);
}
