/** ONNX files as networks: {@link org.vpns.onnx.OnnxFile}, {@link org.vpns.onnx.OnnxBlock}. */
@NullMarked
package org.vpns.onnx;

import org.jspecify.annotations.NullMarked;
