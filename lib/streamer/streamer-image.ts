import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { assetDirectory, bundleProgram } from '../bundle/program.ts';

const DOCKERFILE = fileURLToPath(new URL('../../ecs/Dockerfile', import.meta.url));

/** The folder that the Dockerfile is built from: itself and the two bundles. */
export function streamerImageDirectory(): string {
  return assetDirectory('streamer-image', (directory) => {
    copyFileSync(DOCKERFILE, join(directory, 'Dockerfile'));
    bundleProgram('ecs/main.ts', directory, 'streamer');
    bundleProgram('ecs/health.ts', directory, 'health');
  });
}

/** The streamer's image for arm64. Synth only reads the folder; Docker is needed when it is deployed. */
export function streamerImage(): ContainerImage {
  return ContainerImage.fromAsset(streamerImageDirectory(), { platform: Platform.LINUX_ARM64 });
}
