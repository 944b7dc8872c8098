package org.vpns;

import ai.djl.ndarray.NDArray;

/**
 * A batch that scorers look at; its arrays live as long as the call that hands it over.
 *
 * @param input what the network sees, (batch, channels, height, width): placed, prompted if the
 *     stage mounts a prompt, normalised; no gradient flows behind it
 * @param labels class numbers 0 .. T-1, int64 (batch)
 * @param images number of images
 */
public record ScoringBatch(NDArray input, NDArray labels, int images) {}
