import { Select } from '@mantine/core';
import type { StaffRole } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/** The roles, the highest first; each includes those below it. */
export const roles: readonly StaffRole[] = ['OWNER', 'MANAGER', 'OPERATOR', 'SUPPORT', 'VIEWER'];

interface Props {
  /** A label above, or only a name for screen readers. */
  label?: string;
  name?: string;
  value: StaffRole;
  onChange: (role: StaffRole) => void;
  error?: string | undefined;
  disabled?: boolean;
  /** Whether to say what the role may do. */
  describe?: boolean;
}

/** Picks a role; with a label it also says what the role may do. */
export function RoleSelect({ label, name, value, onChange, error, disabled, describe = true }: Props) {
  const { t } = useLocale();
  return (
    <Select
      label={label}
      aria-label={name}
      size={label ? 'sm' : 'xs'}
      allowDeselect={false}
      disabled={disabled}
      error={error}
      value={value}
      {...(label && describe && { description: t(`staff.roleHelp.${value}`) })}
      data={roles.map((role) => ({ value: role, label: t(`staff.role.${role}`) }))}
      onChange={(role) => onChange(roles.find((one) => one === role) ?? value)}
    />
  );
}
