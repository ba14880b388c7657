// SPDX-License-Identifier: Apache-2.0
// onnx_peer.js FILE BATCH ROUNDS: as bench_onnx, by ONNX Runtime.
'use strict';
const ort = require('onnxruntime-node');

async function main(file, batch, rounds) {
	const numbers = 3 * 224 * 224;
	const session = await ort.InferenceSession.create(file, {
		intraOpNumThreads: 1, interOpNumThreads: 1,
		executionMode: 'sequential' });
	const x = new Float32Array(batch * numbers);
	for (let i = 0; i < x.length; i++)
		x[i] = (i % numbers) / numbers;
	const feed = { input: new ort.Tensor('float32', x,
		[batch, 3, 224, 224]) };
	const ms = [];
	for (let i = 0; i < rounds; i++) {
		const from = process.cpuUsage();
		await session.run(feed);
		const used = process.cpuUsage(from);
		ms.push((used.user + used.system) / 1e3 / batch);
	}
	ms.sort((a, b) => a - b);
	console.log(ms[rounds >> 1].toFixed(2));
}

main(process.argv[2], +process.argv[3], +process.argv[4]);
