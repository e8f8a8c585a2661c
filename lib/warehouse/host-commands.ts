/** What ClickHouse listens on inside the VPC. */
export const CLICKHOUSE_HTTP_PORT = 8_123;
/** The volume as the instance is told of it; on Nitro it appears as an NVMe disk under that name in /dev by udev. */
export const DATA_DEVICE = '/dev/sdf';

export interface HostFacts {
  readonly region: string;
  readonly database: string;
  readonly user: string;
  readonly passwordSecretArn: string;
}

/**
 * The first start of a ClickHouse host (Amazon Linux 2023, as root): the data volume, formatted only where it is blank, then
 * the server with one user whose password's hash is made here. Safe to run again; stops at the first fault.
 */
export function hostCommands(facts: HostFacts): string[] {
  return [
    'set -euo pipefail',
    // The volume is attached after the instance is up.
    `for _ in $(seq 120); do [ -b ${DATA_DEVICE} ] && break; sleep 5; done`,
    `[ -b ${DATA_DEVICE} ] || { echo "${DATA_DEVICE} did not appear; ClickHouse was not installed" >&2; exit 1; }`,
    `blkid ${DATA_DEVICE} >/dev/null || mkfs.xfs ${DATA_DEVICE}`,
    'mkdir -p /var/lib/clickhouse',
    `grep -q /var/lib/clickhouse /etc/fstab || echo "${DATA_DEVICE} /var/lib/clickhouse xfs defaults,noatime,nofail 0 2" >> /etc/fstab`,
    'mountpoint -q /var/lib/clickhouse || mount /var/lib/clickhouse',
    'dnf install -y dnf-plugins-core',
    'dnf config-manager --add-repo https://packages.clickhouse.com/rpm/clickhouse.repo',
    'dnf install -y clickhouse-server clickhouse-client',
    'chown clickhouse:clickhouse /var/lib/clickhouse',
    'mkdir -p /etc/clickhouse-server/config.d /etc/clickhouse-server/users.d',
    "cat > /etc/clickhouse-server/config.d/tape.xml <<'XML'",
    `<clickhouse><listen_host>0.0.0.0</listen_host><http_port>${CLICKHOUSE_HTTP_PORT}</http_port></clickhouse>`,
    'XML',
    // The password itself is never written to the disk nor to an argument that others see.
    `HASH=$(aws secretsmanager get-secret-value --region ${facts.region} --secret-id '${facts.passwordSecretArn}' --query SecretString --output text | tr -d '\\r\\n' | sha256sum | cut -d ' ' -f 1)`,
    `(umask 077; printf '<clickhouse><users><default remove="1"/><${facts.user}><password_sha256_hex>%s</password_sha256_hex><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota><grants><query>GRANT ALL ON ${facts.database}.*</query><query>GRANT SELECT ON system.*</query></grants></${facts.user}></users></clickhouse>\\n' "$HASH" > /etc/clickhouse-server/users.d/tape.xml)`,
    'chown clickhouse:clickhouse /etc/clickhouse-server/users.d/tape.xml',
    'systemctl enable clickhouse-server',
    'systemctl restart clickhouse-server',
  ];
}
